package io.nattrail.capture;

/**
 * An interface that a capture file describes. A pcap file has one, without a name.
 *
 * @param name as the file gives it ({@code eth0}), or null
 * @param description or null
 * @param filter the capture filter, or null
 * @param linkType LINKTYPE_ number
 * @param snapLength bytes kept of each packet at most; 0 if unlimited
 * @param dropped packets that the capture lost, as the file says; null if it does not say
 * @param section of the file that describes it, from 0; each section counts its interfaces anew
 */
public record CaptureInterface(String name, String description, String filter, int linkType, int snapLength, Long dropped, int section) {
}
