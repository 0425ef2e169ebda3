package io.nattrail.capture;

import java.util.List;

/**
 * What is known of a capture file from reading it.
 *
 * @param file the file as the user named it
 * @param format {@code pcap} or {@code pcapng}
 * @param compression by content: {@code none}, {@code gzip}, {@code zstd}, {@code lz4}
 * @param byteOrder {@code little}, {@code big}, or {@code mixed} where the sections of a pcapng differ
 * @param timeResolutions of the interfaces, each once: {@code seconds} to {@code picoseconds}, {@code 1/N s} for the rest
 * @param linkTypes of the interfaces, each once: libpcap's names, or numbers
 * @param packets packet records; less than the highest frame number where a pcapng holds frames that are no packets
 * @param capturedBytes sum of what the file holds of the packets
 * @param wireBytes sum of their lengths on the wire
 * @param firstTimeNanos of the first packet in file order that has a time, nanoseconds since 1970; null without any
 * @param lastTimeNanos of the last such packet
 * @param damage empty if the file is sound
 * @param dropped packets that the capture itself lost, as the file says; null if it does not say
 * @param snapLength the least of the interfaces' snap lengths; null if none limits
 * @param interfaces in order; a frame's {@code interfaceId} is the index here, counted over all sections
 */
public record CaptureFacts(String file, String format, String compression, String byteOrder, List<String> timeResolutions,
        List<String> linkTypes, long packets, long capturedBytes, long wireBytes, Long firstTimeNanos, Long lastTimeNanos,
        List<Damage> damage, Long dropped, Integer snapLength, List<CaptureInterface> interfaces) {
    public CaptureFacts {
        timeResolutions = List.copyOf(timeResolutions);
        linkTypes = List.copyOf(linkTypes);
        damage = List.copyOf(damage);
        interfaces = List.copyOf(interfaces);
    }
}
