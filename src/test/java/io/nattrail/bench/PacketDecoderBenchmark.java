package io.nattrail.bench;

import io.nattrail.wire.FrameView;
import io.nattrail.wire.LinkType;
import io.nattrail.wire.PacketDecoder;
import io.nattrail.wire.PacketView;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Decoding a mix of frames. Run with the GC profiler ({@code -prof gc}): zero bytes per frame is the figure to keep. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class PacketDecoderBenchmark {
    private static final int FRAMES = 3;
    private static final String ETHERNET = "0200000000020200000000010800";

    private final byte[][] frames = {
        HexFormat.of().parseHex(ETHERNET + "4500003c1234400040060000" + "0af100040af0000496007d000102030400000000a002faf000000000"
                + "020405b40402080a000000640000000001030307"),
        HexFormat.of().parseHex(ETHERNET + "450000341234400040060000" + "0af100040af0000496007d0001020304000000008010faf000000000"
                + "0101080a0000006400000000"),
        HexFormat.of().parseHex(ETHERNET + "4500001d0001000040110000" + "0a0000010a000002c00000350009000061")};
    private final FrameView frame = new FrameView();
    private final PacketView packet = new PacketView();
    private final PacketDecoder decoder = new PacketDecoder();

    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public long mix() {
        long sum = 0;
        for (byte[] bytes : frames) {
            frame.set(bytes, 0, bytes.length, bytes.length, 0, true, 1, 0, LinkType.ETHERNET, 0);
            decoder.decode(frame, packet);
            sum += packet.sourcePort() + packet.payloadLength();
        }
        return sum;
    }
}
