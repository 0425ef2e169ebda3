package io.nattrail.serve;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.MultiPart;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Blocker;

/**
 * Reads an upload: {@code multipart/form-data} (RFC 7578), each file to the disk as it comes, so that memory does not grow with it. The
 * name of a part is the capture point the file is from, or {@code file} to let its name and contents tell; parts without a file name are
 * options.
 */
final class Intake {
    private static final String ANY_POINT = "file";
    private static final String POINT = "[a-z][a-z0-9_-]{0,39}";
    private static final int LONGEST_OPTION = 4096;
    private static final int PART_HEADERS = 8192;
    /** A little for options and the headers of parts. */
    private static final long AROUND_FILES = 1 << 20;
    /** What is read of an upload that is refused, so that the client, still sending, gets to see the answer. */
    private static final long LEFTOVER = 1 << 30;
    private static final long LEFTOVER_NANOS = 5_000_000_000L;

    private final CaseStore store;
    private final CaseRunner runner;
    private final Limits limits;
    private final Metrics metrics;
    private final ServeLog log;
    private final Semaphore places;

    Intake(CaseStore store, CaseRunner runner, Limits limits, Metrics metrics, ServeLog log) {
        this.store = store;
        this.runner = runner;
        this.limits = limits;
        this.metrics = metrics;
        this.log = log;
        places = new Semaphore(limits.uploads());
    }

    /** Uploads under way. */
    int active() {
        return limits.uploads() - places.availablePermits();
    }

    /** Receives a case and puts it into the queue. */
    CaseStore.Entry receive(Request request) throws IOException {
        Meter meter = new Meter(request, limits);
        try {
            return admit(request, meter);
        } catch (Refusal e) {
            metrics.uploaded("refused", meter.bytes);
            meter.skip();
            throw e;
        } catch (IOException | RuntimeException e) {
            metrics.uploaded("aborted", meter.bytes);
            throw e;
        }
    }

    private CaseStore.Entry admit(Request request, Meter meter) throws IOException {
        String type = request.getHeaders().get(HttpHeader.CONTENT_TYPE);
        String boundary = type != null && type.toLowerCase(Locale.ROOT).startsWith("multipart/form-data")
                ? MultiPart.extractBoundary(type) : null;
        if (boundary == null) {
            throw Refusal.of(415, "the request is not multipart/form-data", "curl -F file=@client.pcap -F file=@node1-eth0.pcap ADDRESS");
        }
        if (request.getLength() > limits.uploadBytes() + AROUND_FILES) {
            throw Refusal.of(413, "the case is larger than the " + Sizes.of(limits.uploadBytes()) + " that are accepted",
                    "compress the captures (gzip, zstd, lz4), capture with a filter or a snap length, or start the server with a greater"
                            + " --max-upload");
        }
        if (runner.waiting() >= limits.waiting()) {
            throw Refusal.forNow(429, runner.waiting() + " cases wait for their analysis", "come again when some are done", 30);
        }
        if (!places.tryAcquire()) {
            throw Refusal.forNow(429, limits.uploads() + " uploads are under way", "come again in a moment", 2);
        }
        try (Draft draft = store.draft()) {
            Parts parts = new Parts(draft, limits);
            meter.feed(boundary, parts);
            CaseStore.Entry entry = draft.accept(parts.caseName(), parts.annotate());
            metrics.uploaded("accepted", draft.bytes());
            log.log("case " + entry.id() + ": received '" + entry.record().name() + "', " + draft.files()
                    + (draft.files() == 1 ? " file, " : " files, ")
                    + Sizes.of(draft.bytes()));
            runner.submit(entry);
            return entry;
        } finally {
            places.release();
        }
    }

    /** The body as it comes, with an eye on the clock. */
    private static final class Meter {
        private final Request request;
        private final Limits limits;
        private final long began = System.nanoTime();
        private long bytes;
        private boolean ended;

        Meter(Request request, Limits limits) {
            this.request = request;
            this.limits = limits;
        }

        void feed(String boundary, Parts parts) throws IOException {
            MultiPart.Parser parser = new MultiPart.Parser(boundary, parts);
            parser.setPartHeadersMaxLength(PART_HEADERS);
            parser.setMaxParts(limits.files() + 20L);
            while (!ended) {
                Content.Chunk chunk = next();
                try {
                    parser.parse(chunk);
                } finally {
                    chunk.release();
                }
                parts.check();
                checkPace();
            }
        }

        private Content.Chunk next() throws IOException {
            while (true) {
                Content.Chunk chunk = request.read();
                if (chunk == null) {
                    try (Blocker.Runnable waiting = Blocker.runnable()) {
                        request.demand(waiting);
                        waiting.block();
                    }
                } else if (Content.Chunk.isFailure(chunk)) {
                    ended = true;
                    throw failure(chunk.getFailure());
                } else {
                    bytes += chunk.remaining();
                    ended = chunk.isLast();
                    return chunk;
                }
            }
        }

        private IOException failure(Throwable cause) {
            if (cause instanceof TimeoutException) {
                throw Refusal.with(408, "nothing came for " + limits.stall().toSeconds() + " s", "upload it again", "Connection", "close");
            }
            return cause instanceof IOException io ? io : new IOException(cause);
        }

        private void checkPace() {
            long nanos = System.nanoTime() - began;
            boolean slow = nanos > limits.stall().toNanos() && bytes < limits.bytesPerSecond() * (nanos / 1e9);
            if (!ended && (slow || nanos > limits.uploadTime().toNanos())) {
                throw Refusal.with(408, slow ? "the upload is slower than " + Sizes.of(limits.bytesPerSecond()) + " a second"
                        : "the upload took longer than " + limits.uploadTime().toMinutes() + " min", "upload it again, over a faster way",
                        "Connection", "close");
            }
        }

        /** Reads on for a while. */
        void skip() throws IOException {
            long until = System.nanoTime() + LEFTOVER_NANOS;
            long start = bytes;
            while (!ended && bytes - start < LEFTOVER && System.nanoTime() < until) {
                try {
                    next().release();
                } catch (Refusal e) {
                    return;
                }
            }
        }
    }

    /** Receives the parts. What goes wrong in it is kept, and thrown where the parser is called. */
    private static final class Parts implements MultiPart.Parser.Listener {
        private final Draft draft;
        private final Limits limits;
        private final Map<String, String> options = new HashMap<>();
        private final StringBuilder option = new StringBuilder();
        private String disposition;
        private String optionName;
        private Throwable failure;

        Parts(Draft draft, Limits limits) {
            this.draft = draft;
            this.limits = limits;
        }

        @Override
        public void onPartBegin() {
            disposition = null;
            optionName = null;
            option.setLength(0);
        }

        @Override
        public void onPartHeader(String name, String value) {
            if (name.equalsIgnoreCase("Content-Disposition")) {
                disposition = value;
            }
        }

        @Override
        public void onPartHeaders() {
            if (failure != null) {
                return;
            }
            try {
                begin();
            } catch (IOException | RuntimeException e) {
                failure = e;
            }
        }

        private void begin() throws IOException {
            Map<String, String> parameters = new HashMap<>();
            HttpField.getValueParameters(disposition == null ? "" : disposition, parameters);
            String name = parameters.get("name");
            if (name == null) {
                throw Refusal.of(400, "a part has no name", "name each part after its capture point, or 'file'");
            }
            String fileName = parameters.get("filename");
            if (fileName == null) {
                optionName = name;
                return;
            }
            if (!name.matches(POINT)) {
                throw Refusal.of(400, "'" + FileNames.label(name) + "' is no capture point",
                        "name the part client, node1-eth0, node2-cbr0, ... or, to let the file's name and contents tell, file");
            }
            draft.begin(fileName, name.equals(ANY_POINT) ? null : name);
        }

        @Override
        public void onPartContent(Content.Chunk chunk) {
            if (failure != null) {
                return;
            }
            try {
                ByteBuffer content = chunk.getByteBuffer();
                if (optionName == null) {
                    draft.write(content);
                } else {
                    add(content);
                }
            } catch (IOException | RuntimeException e) {
                failure = e;
            }
        }

        private void add(ByteBuffer content) {
            if (option.length() + content.remaining() > LONGEST_OPTION) {
                throw Refusal.of(413, "the option " + FileNames.label(optionName) + " is longer than " + LONGEST_OPTION + " bytes",
                        "send files as files: each part needs a file name");
            }
            // Bytes first, characters when all of them are there.
            option.append(StandardCharsets.ISO_8859_1.decode(content));
        }

        @Override
        public void onPartEnd() {
            if (failure != null) {
                return;
            }
            try {
                if (optionName == null) {
                    draft.end();
                } else {
                    options.put(optionName, new String(option.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8));
                }
            } catch (IOException | RuntimeException e) {
                failure = e;
            }
        }

        @Override
        public void onFailure(Throwable cause) {
            if (failure == null) {
                failure = Refusal.of(400,
                        "the body is no valid multipart/form-data: " + FileNames.label(String.valueOf(cause.getMessage())),
                        "curl -F file=@client.pcap -F file=@node1-eth0.pcap ADDRESS");
            }
        }

        void check() throws IOException {
            if (failure instanceof IOException e) {
                throw e;
            }
            if (failure instanceof UncheckedIOException e) {
                throw e.getCause();
            }
            if (failure instanceof RuntimeException e) {
                throw e;
            }
        }

        String caseName() {
            for (String name : options.keySet()) {
                if (!name.equals("name") && !name.equals("annotate")) {
                    throw Refusal.of(400, "there is no option '" + FileNames.label(name) + "'", "the options are name and annotate");
                }
            }
            if (draft.files() == 0) {
                throw Refusal.of(400, "no file was sent", "curl -F file=@client.pcap -F file=@node1-eth0.pcap ADDRESS");
            }
            String name = FileNames.label(options.getOrDefault("name", ""));
            return name.isEmpty() ? "case of " + CaseStore.now().substring(0, 19).replace('T', ' ') + " UTC" : name;
        }

        boolean annotate() {
            String value = options.getOrDefault("annotate", "false");
            if (!value.equals("true") && !value.equals("false")) {
                throw Refusal.of(400, "annotate is neither true nor false", "leave it out, or send annotate=true");
            }
            return value.equals("true");
        }
    }
}
