package io.nattrail.nat;

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
 * file. One thread adds; once all are in, several may read.
 */
public final class FlowStore implements AutoCloseable {
    private static final int BLOCK = 1 << 16;

    private final int mostHeld;
    private final long mostBytes;
    private final FlowEncoder encoder = new FlowEncoder();
    private List<Flow> held = new ArrayList<>();
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

    /**
     * Adds a flow behind the others.
     *
     * @throws UncheckedIOException if the temporary file cannot be written
     */
    public void add(Flow flow) {
        if (count == startTimes.length) {
            startTimes = Arrays.copyOf(startTimes, count * 2);
            startPoints = Arrays.copyOf(startPoints, count * 2);
        }
        startTimes[count] = flow.start().timeNanos();
        startPoints[count] = flow.start().point();
        if (held != null && count == mostHeld) {
            List<Flow> before = held;
            held = null;
            for (int i = 0; i < before.size(); i++) {
                encode(i, before.get(i));
                before.set(i, null);
            }
        }
        if (held != null) {
            held.add(flow);
        } else {
            encode(count, flow);
        }
        count++;
    }

    private void encode(int index, Flow flow) {
        byte[] bytes = encoder.encode(flow);
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
            throw new UncheckedIOException(System.getProperty("java.io.tmpdir") + ": no temporary file for the flows: " + e.getMessage()
                    + "; name another directory with -Djava.io.tmpdir", e);
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
            throw new UncheckedIOException(file + ": " + e.getMessage() + "; name another directory with -Djava.io.tmpdir", e);
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
        if (held != null) {
            return held.get(index);
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
            throw new UncheckedIOException(file + ": " + e.getMessage(), e);
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
