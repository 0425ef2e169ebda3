package io.nattrail.analysis;

import io.nattrail.capture.CaptureInterface;
import java.util.ArrayList;
import java.util.List;

/**
 * Which places the interfaces of a file are: files of one ring put together repeat the same ones. An interface without a name is known by
 * its number in its section. Where it is not of the same kind there as in the first section, or where a section goes back in time, so that
 * it was captured beside the one before it, it is another place: then it is known by its number in the file.
 */
final class InterfacePlaces {
    /** Frames of several processors and cards come somewhat out of order. */
    private static final long LATE_NANOS = 100_000_000;

    /** Of each interface, what stands for it if it has no name. */
    private final List<Integer> numbers = new ArrayList<>();
    private boolean several;
    private int section;
    private int sectionStart;
    private boolean besides;

    /**
     * What an interface with frames is known by, in all files of a point; null while the file has shown but one place.
     *
     * @param all the interfaces that the file has shown so far
     * @param time of the interface's first frame
     * @param before time of the frame before it, {@link Long#MIN_VALUE} if there is none
     */
    String key(List<CaptureInterface> all, int interfaceId, long time, long before) {
        CaptureInterface first = all.get(0);
        for (int id = numbers.size(); id < all.size(); id++) {
            add(all, id, first, time + LATE_NANOS < before);
        }
        if (!several) {
            return null;
        }
        String name = all.get(interfaceId).name();
        return name != null ? name : "#" + numbers.get(interfaceId);
    }

    private void add(List<CaptureInterface> all, int id, CaptureInterface first, boolean backInTime) {
        CaptureInterface one = all.get(id);
        if (one.section() != section) {
            section = one.section();
            sectionStart = id;
            besides = backInTime;
        }
        CaptureInterface same = all.get(id - sectionStart);
        boolean again = !besides && same.section() == 0 && same.name() == null && same.linkType() == one.linkType();
        numbers.add(again ? id - sectionStart : id);
        several |= one.name() == null ? first.name() != null || numbers.get(id) > 0 : !one.name().equals(first.name());
    }
}
