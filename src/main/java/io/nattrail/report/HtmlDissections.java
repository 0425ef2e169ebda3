package io.nattrail.report;

import com.fasterxml.jackson.core.JsonGenerator;
import io.nattrail.analysis.PointResult;
import io.nattrail.capture.CaptureReader;
import io.nattrail.capture.FrameIndex;
import io.nattrail.capture.UnreadableInputException;
import io.nattrail.dissect.DissectedField;
import io.nattrail.dissect.DissectedLayer;
import io.nattrail.dissect.PacketDissector;
import io.nattrail.leg.FrameRef;
import io.nattrail.wire.FrameView;
import io.nattrail.wire.LinkType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The frames that the report shows in full: read again from their files, taken apart, and put into blocks. Of a file that is not compressed
 * little more than the wanted frames is read, thanks to its index; of a compressed one no more than is worth it.
 */
final class HtmlDissections {
    /** Bytes of payload that are shown. */
    static final int PAYLOAD = 256;

    private static final int BLOCK_BYTES = 1 << 18;
    /** Unpacked bytes that may be read of all compressed files together, and for what proves a deviation. */
    private static final long UNPACKED = 128L << 20;
    private static final long UNPACKED_FOR_PROOF = 512L << 20;
    /** Headers of one frame, in bytes; with tunnels in tunnels there could be more. */
    private static final int MOST_BYTES = 2048;

    private final List<PointResult> points;
    private final HtmlFlowCoder.Clocks clocks;
    private final HtmlSpool spool;
    private final Map<Place, Part> parts = new LinkedHashMap<>();
    private boolean limited;

    /** A file of a point. */
    private record Place(String point, String file) {
        // Written by hand: what the compiler generates for a record runs through method handles, at every start and in every map.

        @Override
        public boolean equals(Object other) {
            return other instanceof Place that && point.equals(that.point) && file.equals(that.file);
        }

        @Override
        public int hashCode() {
            return 31 * point.hashCode() + file.hashCode();
        }
    }

    /** What is wanted of a file of a point, and what came of it. */
    private static final class Part {
        final Place place;
        final PointResult.Source source;
        final boolean compressed;
        final TreeSet<FrameRef> wanted = new TreeSet<>((a, b) -> Long.compare(a.number(), b.number()));
        final List<long[]> written = new ArrayList<>();
        /** Bytes up to which a compressed file is read for every wanted frame. */
        long horizon;
        String unread;
        /** The least frame that the reason is about. */
        long unreadFrom;

        Part(Place place, PointResult.FileResult file) {
            this.place = place;
            this.source = file.source();
            this.compressed = file.compression() != null && !file.compression().equals("none");
        }

        boolean within(FrameRef frame, long bytes) {
            return !compressed || source.index() == null || source.index().offsetBefore(frame.number()) <= bytes;
        }

        void leaveOut(long number, String why) {
            if (unread == null || number < unreadFrom) {
                unread = why;
                unreadFrom = number;
            }
        }
    }

    HtmlDissections(List<PointResult> points, HtmlFlowCoder.Clocks clocks, HtmlSpool spool) {
        this.points = points;
        this.clocks = clocks;
        this.spool = spool;
    }

    /** Reads and spools the frames. A file that cannot be read again is told in the head, no reason to fail. */
    void write(FrameChoice choice) throws IOException {
        for (PointResult point : points) {
            for (PointResult.FileResult file : point.files()) {
                Place place = new Place(point.point().name(), file.file());
                parts.putIfAbsent(place, new Part(place, file));
            }
        }
        choose(choice);
        Map<Path, List<Part>> files = new LinkedHashMap<>();
        for (Part part : parts.values()) {
            if (!part.wanted.isEmpty()) {
                files.computeIfAbsent(part.source.path(), path -> new ArrayList<>()).add(part);
            }
        }
        List<Callable<FileFrames>> readings = new ArrayList<>();
        int ordinal = 0;
        for (Map.Entry<Path, List<Part>> file : files.entrySet()) {
            FileFrames frames = new FileFrames(file.getKey(), file.getValue(), ordinal);
            readings.add(frames);
            for (Part part : file.getValue()) {
                ordinal += part.wanted.size();
            }
        }
        // Nothing else is done at this time: all processors may read. Blocks are added in the order of files, whichever is read first.
        int processors = Runtime.getRuntime().availableProcessors();
        ExecutorService threads = Executors.newFixedThreadPool(Math.max(1, Math.min(readings.size(), processors)));
        try {
            for (Future<FileFrames> reading : threads.invokeAll(readings)) {
                BackgroundWriter.result(reading).addTo(spool);
            }
        } catch (InterruptedException e) {
            throw BackgroundWriter.interrupted();
        } finally {
            threads.shutdownNow();
        }
    }

    private void choose(FrameChoice choice) {
        long compressed = Math.max(1, parts.values().stream().filter(part -> part.compressed).map(part -> part.source.path()).distinct()
                .count());
        limited = choice.full();
        int count = 0;
        for (FrameChoice.Rank rank : FrameChoice.Rank.values()) {
            for (FrameRef frame : choice.of(rank)) {
                Part part = parts.get(new Place(frame.point(), frame.file()));
                if (part == null || part.wanted.contains(frame)) {
                    continue;
                }
                long bytes = rank.proof() ? UNPACKED_FOR_PROOF / compressed : Math.max(part.horizon, UNPACKED / compressed);
                if (!part.within(frame, bytes)) {
                    part.leaveOut(frame.number(), "so far into a compressed file nothing is read again");
                } else if (count == FrameChoice.LIMIT) {
                    limited = true;
                } else {
                    part.wanted.add(frame);
                    count++;
                    if (part.compressed && part.source.index() != null) {
                        // Reading gets there anyway.
                        part.horizon = Math.max(part.horizon, part.source.index().offsetBefore(frame.number()));
                    }
                }
            }
        }
    }

    /** One walk through a file for all points whose frames it holds, and the blocks that it makes. */
    private static final class FileFrames implements Callable<FileFrames> {
        private final Path file;
        private final List<Part> ofFile;
        private final List<Block> blocks = new ArrayList<>();
        private ByteArrayOutputStream bytes;
        private JsonOut json;
        private HtmlTexts texts;
        private int first;
        private int ordinal;

        private record Block(int first, int last, byte[] compressed) {
        }

        /**
         * @param ordinal of its first frame
         */
        FileFrames(Path file, List<Part> ofFile, int ordinal) {
            this.file = file;
            this.ofFile = ofFile;
            this.ordinal = ordinal;
        }

        @Override
        public FileFrames call() throws IOException {
            Map<Long, Part> wanted = new LinkedHashMap<>();
            for (Part part : ofFile) {
                for (FrameRef frame : part.wanted) {
                    wanted.put(frame.number(), part);
                }
            }
            long[] numbers = wanted.keySet().stream().mapToLong(Long::longValue).sorted().toArray();
            int next = 0;
            FrameIndex index = ofFile.get(0).source.index();
            String why = "the file is shorter than when it was analyzed";
            try (CaptureReader reader = CaptureReader.open(file)) {
                FrameView frame = new FrameView();
                while (next < numbers.length && reader.next(frame)) {
                    if (frame.number() == numbers[next]) {
                        Part part = wanted.get(numbers[next]);
                        if (!same(part, frame)) {
                            why = "the file has changed since it was analyzed";
                            break;
                        }
                        part.written.add(new long[] {frame.number(), ordinal});
                        add(frame);
                        next++;
                    }
                    if (next < numbers.length && index != null) {
                        reader.skipTowards(index, numbers[next]);
                    }
                }
            } catch (IOException | UnreadableInputException e) {
                // What was read so far is kept; the report is none the worse without the rest.
                why = "the file could not be read again";
            }
            if (next < numbers.length) {
                for (Part part : ofFile) {
                    part.leaveOut(numbers[next], why);
                }
            }
            finish();
            return this;
        }

        void addTo(HtmlSpool spool) throws IOException {
            for (Block block : blocks) {
                spool.add(HtmlSpool.Kind.FRAMES, block.first, block.last, block.last - block.first + 1, block.compressed);
            }
        }

        private static boolean same(Part part, FrameView frame) {
            FrameRef wanted = part.wanted.floor(new FrameRef("", "", frame.number(), 0));
            return part.source.holds(frame) && (!frame.timed() || wanted != null && wanted.timeNanos() == frame.timeNanos());
        }

        private void add(FrameView view) throws IOException {
            if (json == null) {
                bytes = new ByteArrayOutputStream(BLOCK_BYTES + BLOCK_BYTES / 8);
                json = new JsonOut(bytes);
                texts = new HtmlTexts();
                first = ordinal;
                json.object();
                json.name("frames").array();
            }
            byte[] frame = Arrays.copyOfRange(view.buffer(), view.start(), view.start() + view.capturedLength());
            List<DissectedLayer> layers = PacketDissector.dissect(frame, view.originalLength(), view.linkType());
            json.array();
            json.number(frame.length);
            json.number(view.originalLength());
            text(LinkType.name(view.linkType()));
            json.base64(frame, shown(layers, frame.length));
            for (DissectedLayer layer : layers) {
                json.array();
                text(layer.name());
                json.string(PlainText.of(layer.summary()));
                json.number(layer.start());
                json.number(layer.length());
                if (layer.problem() == null) {
                    json.nothing();
                } else {
                    text(layer.problem());
                }
                for (DissectedField field : layer.fields()) {
                    field(field);
                }
                json.endArray();
            }
            json.endArray();
            ordinal++;
            json.flush();
            if (bytes.size() >= BLOCK_BYTES) {
                finish();
            }
        }

        private void field(DissectedField field) throws IOException {
            json.array();
            text(field.name());
            text(field.value());
            json.number(field.start());
            json.number(field.length());
            for (DissectedField part : field.parts()) {
                field(part);
            }
            json.endArray();
        }

        /** All headers, and the begin of what they carry. */
        private static int shown(List<DissectedLayer> layers, int captured) {
            DissectedLayer last = layers.get(layers.size() - 1);
            int headers = last.opaque() ? last.start() : last.start() + last.length();
            return Math.min(captured, Math.min(MOST_BYTES, headers + PAYLOAD));
        }

        private void text(String value) throws IOException {
            json.number(texts.plain(value));
        }

        private void finish() throws IOException {
            if (json == null) {
                return;
            }
            json.endArray();
            texts.write(json);
            json.endObject();
            json.flush();
            json = null;
            blocks.add(new Block(first, ordinal - 1, HtmlSpool.deflate(bytes.toByteArray())));
        }
    }

    /** Writes {@code dissected} into the object that is open: which frames are there, and why others are not. */
    void writeHead(JsonGenerator head) throws IOException {
        head.writeObjectFieldStart("dissected");
        head.writeNumberField("limit", FrameChoice.LIMIT);
        head.writeNumberField("payload", PAYLOAD);
        head.writeBooleanField("limited", limited);
        head.writeArrayFieldStart("files");
        for (Part part : parts.values()) {
            if (part.written.isEmpty() && part.unread == null) {
                continue;
            }
            head.writeStartObject();
            head.writeNumberField("point", clocks.index(part.place.point()));
            head.writeStringField("file", part.place.file());
            differences(head, "numbers", part.written, 0);
            differences(head, "ordinals", part.written, 1);
            if (part.unread != null) {
                head.writeStringField("unread", part.unread);
                head.writeNumberField("unreadFrom", part.unreadFrom);
            }
            head.writeEndObject();
        }
        head.writeEndArray();
        head.writeEndObject();
    }

    private static void differences(JsonGenerator head, String name, List<long[]> written, int column) throws IOException {
        head.writeArrayFieldStart(name);
        long before = 0;
        for (long[] row : written) {
            head.writeNumber(row[column] - before);
            before = row[column];
        }
        head.writeEndArray();
    }
}
