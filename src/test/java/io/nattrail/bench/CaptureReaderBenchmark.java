package io.nattrail.bench;

import io.nattrail.capture.CaptureReader;
import io.nattrail.packets.Tape;
import io.nattrail.wire.FrameView;
import io.nattrail.wire.PacketDecoder;
import io.nattrail.wire.PacketView;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.pcap4j.packet.EthernetPacket;
import org.pcap4j.packet.IllegalRawDataException;

/**
 * Reading a capture file of node1-eth0, alone and with decoding; Pcap4J's decoding of the same frames to compare with. {@code frames} are
 * frames in a second.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class CaptureReaderBenchmark {
    private static final int CONNECTIONS = 4_000;

    @Param({"none", "gzip"})
    private String compression;

    private Path folder;
    private Path file;

    /** Frames done. */
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    @State(Scope.Thread)
    public static class Count {
        /** Read by its name. */
        public long frames;
    }

    @Setup
    public void write() throws IOException {
        folder = Files.createTempDirectory("nattrail-bench");
        Tape tape = Traffic.of(CONNECTIONS).get(1);
        file = tape.write(folder.resolve("node1-eth0.pcap"));
        if (compression.equals("gzip")) {
            Path packed = folder.resolve("node1-eth0.pcap.gz");
            try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
                Files.copy(file, out);
            }
            Files.delete(file);
            file = packed;
        }
    }

    @TearDown
    public void delete() throws IOException {
        Files.delete(file);
        Files.delete(folder);
    }

    @Benchmark
    public long read(Count count) throws IOException {
        FrameView frame = new FrameView();
        long bytes = 0;
        try (CaptureReader reader = CaptureReader.open(file)) {
            while (reader.next(frame)) {
                bytes += frame.capturedLength();
                count.frames++;
            }
        }
        return bytes;
    }

    @Benchmark
    public long readAndDecode(Count count) throws IOException {
        FrameView frame = new FrameView();
        PacketDecoder decoder = new PacketDecoder();
        PacketView packet = new PacketView();
        long ports = 0;
        try (CaptureReader reader = CaptureReader.open(file)) {
            while (reader.next(frame)) {
                decoder.decode(frame, packet);
                ports += packet.sourcePort();
                count.frames++;
            }
        }
        return ports;
    }

    @Benchmark
    public long readAndDecodeByPcap4j(Count count) throws IOException, IllegalRawDataException {
        FrameView frame = new FrameView();
        long lengths = 0;
        try (CaptureReader reader = CaptureReader.open(file)) {
            while (reader.next(frame)) {
                lengths += EthernetPacket.newPacket(frame.buffer(), frame.start(), frame.capturedLength()).length();
                count.frames++;
            }
        }
        return lengths;
    }
}
