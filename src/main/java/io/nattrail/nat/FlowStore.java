package io.nattrail.nat;

import io.nattrail.capture.TemporaryFileException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * All flows of a case. A few are kept as they are; when there are more, all are kept as bytes, and when these are many, in a temporary
 * file. Several threads may fill batches; one adds these. Once all are in, several may read.
 */
public final class FlowStore implements AutoCloseable {
    private static final int BLOCK = 1 << 16;

    private final int mostHeld;
    private final long mostBytes;
    private final FlowEncoder encoder = new FlowEncoder();
    /** Null once flows are kept as bytes; threads that fill batches look at it. */
    private volatile List<Flow> held = new ArrayList<>();
    private final List<byte[]> blocks = new ArrayList<>();
    private byte[] block = new byte[0];
    private int inBlock;
    private long[] positions = new long[0];
    private long[] startTimes = new long[64];
    private int[] startPoints = new int[64];
    private int count;
    private Path file;
    private FileChannel channel;
    private long written;

    /**
     * @param mostHeld how many flows are kept as they are
     * @param mostBytes how many bytes of flows are kept in memory
     */
    public FlowStore(int mostHeld, long mostBytes) {
        this.mostHeld = mostHeld;
        this.mostBytes = mostBytes;
    }

    /** Flows on their way into the store, as it will keep them: what costs time is done by the thread that fills the batch. */
    public final class Batch {
        private final FlowEncoder encoder = held == null ? new FlowEncoder() : null;
        private final List<Flow> flows = new ArrayList<>();
        private final List<byte[]> encoded = new ArrayList<>();
        private final List<SeenFrame> starts = new ArrayList<>();

        private Batch() {
        }

        /** Adds a flow behind the others. */
        public void add(Flow flow) {
            starts.add(flow.start());
            if (encoder == null) {
                flows.add(flow);
            } else {
                encoded.add(encoder.encode(flow));
            }
        }
    }

    /** A new batch, for any one thread to fill. */
    public Batch batch() {
        return new Batch();
    }

    /**
     * Adds the flows of a batch behind the others.
     *
     * @throws UncheckedIOException if the temporary file cannot be written
     */
    public void add(Batch batch) {
        int size = batch.starts.size();
        if (count + size > startTimes.length) {
            int room = Math.max(count + size, count * 2);
            startTimes = Arrays.copyOf(startTimes, room);
            startPoints = Arrays.copyOf(startPoints, room);
        }
        if (held != null && count + size > mostHeld) {
            encodeHeld();
        }
        for (int i = 0; i < size; i++) {
            startTimes[count] = batch.starts.get(i).timeNanos();
            startPoints[count] = batch.starts.get(i).point();
            if (held != null) {
                held.add(batch.flows.get(i));
            } else {
                keep(count, batch.encoder == null ? encoder.encode(batch.flows.get(i)) : batch.encoded.get(i));
            }
            count++;
        }
    }

    private void encodeHeld() {
        List<Flow> before = held;
        held = null;
        for (int i = 0; i < before.size(); i++) {
            keep(i, encoder.encode(before.get(i)));
            before.set(i, null);
        }
    }

    private void keep(int index, byte[] bytes) {
        if (positions.length <= index) {
            positions = Arrays.copyOf(positions, Math.max(index + 64, positions.length * 2));
        }
        if (channel == null && (long) blocks.size() * BLOCK > mostBytes) {
            openFile();
        }
        if (inBlock + bytes.length > block.length) {
            nextBlock(bytes.length);
        }
        positions[index] = channel == null ? (long) (blocks.size() - 1) << 32 | inBlock : ~(written + inBlock);
        System.arraycopy(bytes, 0, block, inBlock, bytes.length);
        inBlock += bytes.length;
    }

    /** Begins a block: in memory beside the others, or in place of the one that goes to the file. */
    private void nextBlock(int least) {
        if (channel == null) {
            block = new byte[Math.max(BLOCK, least)];
            blocks.add(block);
            inBlock = 0;
        } else {
            flush();
            block = block.length < least ? new byte[least] : block;
        }
    }

    private void openFile() {
        try {
            file = Files.createTempFile("nattrail-flows", ".bin");
            channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
        } catch (IOException e) {
            throw new UncheckedIOException(TemporaryFileException.inSystemFolder(e));
        }
        block = new byte[BLOCK];
        inBlock = 0;
    }

    private void flush() {
        try {
            ByteBuffer buffer = ByteBuffer.wrap(block, 0, inBlock);
            while (buffer.hasRemaining()) {
                written += channel.write(buffer, written);
            }
            inBlock = 0;
        } catch (IOException e) {
            throw new UncheckedIOException(new TemporaryFileException(file, e));
        }
    }

    /** Ends adding; from now on flows are read. */
    public void seal() {
        if (channel != null) {
            flush();
        }
        block = null;
    }

    /** How many flows there are. */
    public int size() {
        return count;
    }

    /** Whether the flows are kept as they are, so that what refers to them costs nothing more. */
    public boolean held() {
        return held != null;
    }

    /** The flow that was added as number {@code index}, from 0. */
    public Flow get(int index) {
        List<Flow> asTheyAre = held;
        if (asTheyAre != null) {
            return asTheyAre.get(index);
        }
        long position = positions[index];
        return position >= 0 ? FlowDecoder.decode(blocks.get((int) (position >>> 32)), (int) position) : FlowDecoder.decode(read(index), 0);
    }

    private byte[] read(int index) {
        long from = ~positions[index];
        long end = index + 1 < count ? ~positions[index + 1] : written;
        ByteBuffer buffer = ByteBuffer.allocate((int) (end - from));
        try {
            while (buffer.hasRemaining()) {
                if (channel.read(buffer, from + buffer.position()) < 0) {
                    throw new IOException("it was cut");
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(new TemporaryFileException(file, e));
        }
        return buffer.array();
    }

    /** When a flow began, on the clock of the point where that was seen. */
    public long startTime(int index) {
        return startTimes[index];
    }

    /** The point where a flow's beginning was seen. */
    public int startPoint(int index) {
        return startPoints[index];
    }

    @Override
    public void close() throws IOException {
        if (channel != null) {
            channel.close();
        }
    }
}
