package io.nattrail.analysis;

import io.nattrail.capture.CaptureFacts;
import io.nattrail.nat.Silence;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Files that are missing among those of a ring: tcpdump -C and dumpcap number them one after the other, so that a number that is skipped
 * is a time of which nothing was handed over. Files that go by times alone tell nothing.
 */
final class RingGaps {
    /**
     * tcpdump -C: {@code client.pcap}, {@code client.pcap1}; with -W {@code client.pcap00}. dumpcap:
     * {@code client_00001_20261123153412.pcapng}. More digits behind the ending are a date.
     */
    private static final Pattern NUMBER = Pattern.compile("(?i)\\.(?:pcap|pcapng|cap|dmp)([0-9]{1,6})(?:\\.(?:gz|zst|zstd|lz4))?$"
            + "|_([0-9]{5})_[0-9]{14}\\.");
    private static final int UNNUMBERED = -1;
    /** Of dumpcap: 00001 to 99999, then 00000. */
    private static final int DUMPCAP_NUMBERS = 100_000;

    private RingGaps() {
    }

    /** The times between files of a point, in the order in which they were captured, whose numbers are not those of neighbours. */
    static List<Silence> of(List<CaptureFacts> files) {
        List<Silence> gaps = new ArrayList<>(0);
        for (int i = 1; i < files.size(); i++) {
            CaptureFacts before = files.get(i - 1);
            CaptureFacts after = files.get(i);
            if (skipped(number(before), number(after)) && before.lastTimeNanos() != null && after.firstTimeNanos() != null
                    && before.lastTimeNanos() < after.firstTimeNanos()) {
                gaps.add(new Silence(before.lastTimeNanos(), after.firstTimeNanos(), true));
            }
        }
        return gaps;
    }

    /** What to say of the files that are missing; null if none is known to be. */
    static String note(String point, List<CaptureFacts> files) {
        List<String> gaps = new ArrayList<>(0);
        for (int i = 1; i < files.size(); i++) {
            if (!of(files.subList(i - 1, i + 1)).isEmpty()) {
                gaps.add(name(files.get(i - 1)) + " and " + name(files.get(i)));
            }
        }
        return gaps.isEmpty() ? null : "%s: files are missing between %s, by their numbers; what passed meanwhile is not taken for lost"
                .formatted(point, String.join(", and between ", gaps));
    }

    /** A ring that has begun anew goes back to smaller numbers, from 0. */
    private static boolean skipped(int before, int after) {
        int from = Math.max(before, 0);
        return after != UNNUMBERED && (after > from ? after > from + 1 : after > 0);
    }

    /** Counted from 0. */
    private static int number(CaptureFacts file) {
        Matcher number = NUMBER.matcher(name(file));
        if (!number.find()) {
            return UNNUMBERED;
        }
        return number.group(1) != null ? Integer.parseInt(number.group(1))
                : (Integer.parseInt(number.group(2)) + DUMPCAP_NUMBERS - 1) % DUMPCAP_NUMBERS;
    }

    private static String name(CaptureFacts file) {
        return CaseAnalyzer.fileName(file.file());
    }
}
