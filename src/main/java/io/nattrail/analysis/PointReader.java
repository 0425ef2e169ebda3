package io.nattrail.analysis;

import io.nattrail.capture.CaptureFacts;
import io.nattrail.capture.CaptureReader;
import io.nattrail.capture.FrameFilter;
import io.nattrail.capture.FrameIndex;
import io.nattrail.capture.FrameNumbers;
import io.nattrail.capture.UnreadableInputException;
import io.nattrail.leg.LegTable;
import io.nattrail.wire.Checksums;
import io.nattrail.wire.FrameView;
import io.nattrail.wire.PacketDecoder;
import io.nattrail.wire.PacketView;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Reads the files of one source into leg tables: one, or one for each interface where a pcapng holds several points. Reads in stretches,
 * each on one thread.
 */
final class PointReader implements AutoCloseable {
    private static final int PROGRESS_FRAMES = 1 << 14;
    /** Far more than a node has interfaces that anybody captures on one by one. */
    private static final int MOST_PARTS = 256;
    private static final String SEPARATELY = "Of its connections only whether they were answered is judged; hand over each capture as it "
            + "was taken";

    private final CaseFinder.Source source;
    private final FrameFilter filter;
    private final AtomicLong progress;
    private final List<Part> parts = new ArrayList<>();
    private final Map<String, Part> byInterface = new LinkedHashMap<>();
    private final List<String> notes = new ArrayList<>();
    private final FrameView frame = new FrameView();
    /** Of several files, what more than one of them holds; else null. */
    private SharedFrames shared;
    private int nextFile;
    private long frames;
    private long firstTime;
    private UnreadableInputException refused;
    private FileSystemException missing;
    /** Which place each frame comes from, if captures of several were merged; else null. */
    private MergedCaptures merged;
    private long reportedOfAll;
    /** How late frames come at most, as was learnt where they are not in the order of their times. */
    private long lateBy;

    private OpenFile open;

    /** A point's share of the source. */
    static final class Part {
        private final String interfaceName;
        private final LegTable table = new LegTable();
        private final FrameOrder order;
        private final List<CaptureFacts> files = new ArrayList<>();
        private final List<PointResult.Source> sources = new ArrayList<>();
        private boolean ofMerged;
        private boolean inseparable;
        /** Of the file that is being read, where captures were merged. */
        private FrameNumbers frames;

        private Part(String interfaceName, long lateBy) {
            this.interfaceName = interfaceName;
            this.order = new FrameOrder(table, lateBy);
        }

        LegTable table() {
            return table;
        }

        FrameOrder order() {
            return order;
        }

        /** Facts of its files; a row's file number is the index here. */
        List<CaptureFacts> files() {
            return files;
        }

        /** Where each of its files is, and which of its frames are this part's. */
        List<PointResult.Source> sources() {
            return sources;
        }

        /** Whether it is one of the places whose captures were merged: what the file is called says nothing of it. */
        boolean ofMerged() {
            return ofMerged;
        }

        /** Whether it shows several places, and nothing tells which of them a frame comes from. */
        boolean inseparable() {
            return inseparable;
        }

        /** Name of the interface, if the source's files have several, or number of the place, if captures were merged; else null. */
        String interfaceName() {
            return interfaceName;
        }
    }

    /** @param filter null for all frames */
    PointReader(CaseFinder.Source source, FrameFilter filter, AtomicLong progress) {
        this.source = source;
        this.filter = filter;
        this.progress = progress;
        shared = sharedFrames();
    }

    private SharedFrames sharedFrames() {
        return source.files().size() > 1 ? new SharedFrames(source.files()) : null;
    }

    CaseFinder.Source source() {
        return source;
    }

    List<Part> parts() {
        return parts;
    }

    List<String> notes() {
        return notes;
    }

    /** Whether all files were read to their ends. */
    boolean finished() {
        return open == null && nextFile == source.files().size();
    }

    /**
     * Where frames turned out not to be in the order of their times, reads again what was read, and puts them in order. To be called before
     * anything is made of what was read.
     *
     * @param nanos how far everything was read
     */
    void putInOrder(long nanos) throws IOException {
        for (Part each : parts) {
            lateBy = Math.max(lateBy, each.order.outOfOrder() ? each.order.lateBy() : 0);
        }
        if (lateBy > 0) {
            startAgain();
            read(nanos);
        }
    }

    private void startAgain() throws IOException {
        close();
        parts.clear();
        byInterface.clear();
        notes.clear();
        shared = sharedFrames();
        nextFile = 0;
        frames = 0;
        refused = null;
        missing = null;
        progress.addAndGet(-reportedOfAll);
        reportedOfAll = 0;
    }

    /**
     * Looks whether the captures of several places were merged; if so, takes them apart: what was read is read again, each place's into a
     * part of its own. To be called before anything is made of what was read.
     *
     * @param nanos how far everything was read
     */
    void takeApart(long nanos) throws IOException {
        if (parts.size() != 1) {
            return;
        }
        Part all = parts.get(0);
        if (MergedCaptures.cookedOfSeveral(all.table())) {
            all.inseparable = true;
            notes.add(source.name() + ": captures of several hosts merged into one, since it shows packets that one sent and another "
                    + "received, and cooked frames do not tell them apart. " + SEPARATELY);
            return;
        }
        if (!MergedCaptures.suspected(all.table())) {
            return;
        }
        merged = MergedCaptures.of(source.files());
        if (merged == null) {
            return;
        }
        startAgain();
        notes.add(source.name() + ": captures of " + merged.count() + " places merged into one, since packets show several times, each "
                + "time between other MAC addresses; by these the file was taken apart again, but for places that show no connection. "
                + "Surer is to hand over each capture as it was taken");
        for (int place = 0; place < merged.count(); place++) {
            Part part = newPart(String.valueOf(place + 1));
            part.ofMerged = true;
            part.inseparable = merged.inseparable(place);
            if (part.inseparable) {
                notes.add(source.name() + "-" + part.interfaceName + ": nothing tells for sure which of the frames were captured there. "
                        + SEPARATELY);
            }
        }
        read(nanos);
    }

    /** Frames read so far. */
    long frames() {
        return frames;
    }

    /**
     * Reads on, through all files; one that cannot be read is a note, unless it is the only one.
     *
     * @param nanos how far, in the time of the capture since its first frame
     */
    void read(long nanos) throws IOException {
        for (Part each : parts) {
            if (each.order.outOfOrder()) {
                each.order.sort();
            }
        }
        while (!finished()) {
            if (!readFile(nanos)) {
                return;
            }
            close();
        }
        for (Part each : parts) {
            each.order.flush();
            if (each.order.unsorted() > 0) {
                notes.add(String.format(Locale.ROOT, "%s: frames are not in the order of their times, which showed late: the first %,d "
                        + "were taken as they came. Surer is to sort the file first: reordercap FILE ordered.pcapng", source.name(),
                        each.order.unsorted()));
            }
        }
        if (parts.isEmpty() && missing != null) {
            throw missing;
        }
        if (parts.isEmpty() && refused != null) {
            throw refused;
        }
    }

    @Override
    public void close() throws IOException {
        if (open != null) {
            open.reader.close();
            open = null;
        }
    }

    /**
     * Reads on in the file that is open, else opens the next one.
     *
     * @return whether nothing is left of it
     */
    private boolean readFile(long nanos) throws IOException {
        Path file = source.files().get(open == null ? nextFile : nextFile - 1);
        try {
            if (open == null) {
                nextFile++;
                open = new OpenFile(file);
            }
            return open.read(nanos);
        } catch (UnreadableInputException e) {
            refused = refused == null ? e : refused;
            notes.add(file.getFileName() + ": " + e.what());
        } catch (FileSystemException e) {
            missing = missing == null ? e : missing;
            notes.add(file.getFileName() + ": " + (e instanceof NoSuchFileException ? "no such file" : "cannot be opened") + ", left out");
        }
        return true;
    }

    /** Whether checksums prove that a frame is as it was sent; one that a card was still to finish proves that of headers alone. */
    private static boolean sound(FrameView frame) {
        PacketView packet = new PacketView();
        new PacketDecoder().decode(frame, packet);
        boolean header = packet.network() != PacketView.NETWORK_IPV4 || Checksums.ipv4HeaderRight(packet.buffer(), packet.networkStart(),
                frame.start() + frame.capturedLength());
        Checksums.Verdict transport = Checksums.transport(packet);
        return header && (transport == Checksums.Verdict.RIGHT
                || transport == Checksums.Verdict.PSEUDO_HEADER_ONLY && packet.payloadLength() == 0);
    }

    private Part newPart(String interfaceName) {
        Part part = new Part(interfaceName, lateBy);
        parts.add(part);
        return part;
    }

    /** The file that is being read. */
    private final class OpenFile {
        private final Path file;
        private final CaptureReader reader;
        private final FrameIndex index = new FrameIndex();
        private final InterfacePlaces places = new InterfacePlaces();
        private final List<Part> ofInterface = new ArrayList<>();
        private final Map<Part, Integer> fileNumbers = new LinkedHashMap<>();
        private Part part;
        private int partInterface = -1;
        private int fileNumber;
        private long lastTime = Long.MIN_VALUE;
        private long reported;
        private long leftOut;
        private long doubtful;
        private long firstDoubtful;

        OpenFile(Path file) throws IOException {
            this.file = file;
            if (shared != null) {
                shared.begin(nextFile - 1);
            }
            if (Files.isDirectory(file)) {
                throw new FileSystemException(file.toString(), null, "a folder, not a capture of one point");
            }
            if (merged != null) {
                for (Part place : parts) {
                    fileNumbers.put(place, place.files.size());
                    place.frames = new FrameNumbers();
                }
                fileNumber = parts.get(0).files.size();
            }
            reader = CaptureReader.open(file);
        }

        /** @return whether the file ended */
        boolean read(long nanos) throws IOException {
            while (reader.next(frame)) {
                file(frame);
                if (frames == 1) {
                    firstTime = frame.timeNanos();
                } else if (frame.timeNanos() - firstTime > nanos) {
                    return false;
                }
            }
            complete();
            return true;
        }

        /** Files a frame. Apart from the loop around it: Java compiles what is called often much sooner than what runs long. */
        private void file(FrameView view) {
            if (view.fileOffset() >= index.next()) {
                index.add(view, reader.interfaces().size());
            }
            if (merged != null) {
                int place = merged.place(view);
                part = place < 0 ? null : parts.get(place);
                if (part != null) {
                    part.frames.add(view.number());
                }
            } else if (view.interfaceId() != partInterface) {
                partInterface = view.interfaceId();
                part = part(view);
                fileNumber = part == null ? 0 : fileNumbers.computeIfAbsent(part, p -> p.files.size());
            }
            boolean known = shared != null && shared.holds(view);
            if (part == null) {
                leftOut += merged == null ? 1 : 0;
            } else if (reader.beforeDamage() && !sound(view)) {
                if (doubtful++ == 0) {
                    firstDoubtful = view.number();
                }
            } else if (!known && (filter == null || filter.accepts(view))) {
                part.order.add(view, fileNumber);
            }
            lastTime = view.timeNanos();
            if (++frames % PROGRESS_FRAMES == 0) {
                reportProgress();
            }
        }

        private void reportProgress() {
            long consumed = reader.consumedBytes();
            progress.addAndGet(consumed - reported);
            reportedOfAll += consumed - reported;
            reported = consumed;
        }

        private void complete() throws IOException {
            reportProgress();
            if (leftOut > 0) {
                notes.add(file.getFileName() + ": more than " + MOST_PARTS + " interfaces; " + (leftOut == 1
                        ? "1 frame of the others was left out" : leftOut + " frames of the others were left out"));
            }
            if (shared != null && shared.count() > 0) {
                notes.add(String.format(Locale.ROOT, "%s: %,d of its frames are in other files of this point, too, and were taken once",
                        file.getFileName(), shared.count()));
            }
            if (doubtful > 0) {
                notes.add(file.getFileName() + ": frame " + firstDoubtful
                        + (doubtful == 1 ? " was" : " and " + (doubtful - 1) + " more were")
                        + " left out: the file is damaged right behind, and nothing proves that the frame is not");
            }
            CaptureFacts facts = reader.facts();
            if (fileNumbers.isEmpty()) {
                // Sound but without packets: it is still a point that saw nothing.
                Part empty = byInterface.computeIfAbsent("", n -> newPart(null));
                fileNumbers.put(empty, empty.files.size());
            }
            for (Part seen : fileNumbers.keySet()) {
                seen.files.add(facts);
                Set<Integer> interfaces = fileNumbers.size() == 1 || merged != null ? null : interfacesOf(seen);
                seen.sources.add(new PointResult.Source(file, interfaces, seen.frames, index));
            }
        }

        private Set<Integer> interfacesOf(Part part) {
            Set<Integer> numbers = new HashSet<>();
            for (int i = 0; i < ofInterface.size(); i++) {
                if (ofInterface.get(i) == part) {
                    numbers.add(i);
                }
            }
            return numbers;
        }

        /** Null if there are too many: each has its tables, and a file can claim a new interface every few bytes. */
        private Part part(FrameView first) {
            int interfaceId = first.interfaceId();
            while (ofInterface.size() <= interfaceId) {
                ofInterface.add(null);
            }
            if (ofInterface.get(interfaceId) == null) {
                String place = places.key(reader.interfaces(), interfaceId, first.timeNanos(), lastTime);
                String key = place == null ? "" : place;
                if (byInterface.size() == MOST_PARTS && !byInterface.containsKey(key)) {
                    return null;
                }
                ofInterface.set(interfaceId, byInterface.computeIfAbsent(key, k -> newPart(place)));
            }
            return ofInterface.get(interfaceId);
        }
    }
}
