package io.nattrail.fuzz;

import static io.nattrail.fuzz.Bounds.require;
import static io.nattrail.fuzz.Bounds.same;

import io.nattrail.analysis.CaptureInspection;
import io.nattrail.analysis.CaptureInspector;
import io.nattrail.capture.CaptureFacts;
import io.nattrail.capture.CaptureReader;
import io.nattrail.capture.Damage;
import io.nattrail.capture.Decompression;
import io.nattrail.capture.UnreadableInputException;
import io.nattrail.wire.FrameView;
import io.nattrail.wire.PacketDecoder;
import io.nattrail.wire.PacketView;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** What holds for every file that is read as a capture, plain or compressed. */
final class CaptureCheck {
    /** The shortest record of any format: a header of pcap. */
    private static final int SHORTEST = 16;
    /** Damage ends a file, but for a few kinds that are told once each. */
    private static final int MOST_DAMAGE = 6;
    /** Of decompressed data, what is compared with the same data read plain. */
    private static final int COMPARED = 1 << 20;

    private final PacketDecoder decoder = new PacketDecoder();
    private final PacketView packet = new PacketView();
    private final PacketView quoted = new PacketView();

    /** What one reading gave; {@code refusal} is null if the file was readable. */
    private record Reading(CaptureFacts facts, long frames, long digest, String refusal) {
    }

    void check(byte[] file) throws IOException {
        Reading reading = read(new ByteArrayInputStream(file));
        same(reading, read(new Pieces(new ByteArrayInputStream(file))), "read at once and in pieces, one file gives");
        if (reading.refusal() != null) {
            return;
        }
        CaptureFacts facts = reading.facts();
        if (facts.compression().equals("none")) {
            require(facts.packets() <= file.length / SHORTEST, "more packets than the file has room for");
            require(facts.capturedBytes() <= file.length, "more bytes were captured than the file has");
            for (Damage damage : facts.damage()) {
                require(damage.fileOffset() <= file.length, "damage is told beyond the file");
            }
        } else {
            comparePlain(file, reading);
        }
        try (CaptureReader reader = CaptureReader.open(new ByteArrayInputStream(file), "fuzz")) {
            CaptureInspection inspection = CaptureInspector.inspect(reader);
            same(inspection.facts(), facts, "inspected and read, one file gives");
        }
    }

    /** Sound compressed data gives the frames that it gives when it is decompressed first. */
    private void comparePlain(byte[] file, Reading reading) throws IOException {
        byte[] plain;
        try (InputStream in = Decompression.open(new ByteArrayInputStream(file), "fuzz")) {
            plain = in.readNBytes(COMPARED);
        } catch (IOException e) {
            return;
        }
        if (plain.length < COMPARED && reading.facts().damage().stream().noneMatch(d -> d.kind().equals("compression"))) {
            Reading again = read(new ByteArrayInputStream(plain));
            same(reading.frames(), again.frames(), "compressed and plain, the number of frames is");
            same(reading.digest(), again.digest(), "compressed and plain, the digest of the frames is");
        }
    }

    private Reading read(InputStream file) throws IOException {
        try (CaptureReader reader = CaptureReader.open(file, "fuzz")) {
            return read(reader);
        } catch (UnreadableInputException e) {
            require(!e.remedy().isEmpty() && !e.what().isEmpty(), "a file is refused without a word");
            return new Reading(null, 0, 0, e.getMessage() + e.remedy());
        }
    }

    private Reading read(CaptureReader reader) throws IOException {
        FrameView frame = new FrameView();
        long packets = 0;
        long captured = 0;
        long wire = 0;
        long number = 0;
        long offset = -1;
        long digest = 1;
        while (reader.next(frame)) {
            require(frame.number() > number, "frame numbers do not rise");
            require(frame.fileOffset() > offset, "offsets do not rise");
            require(frame.capturedLength() >= 0 && frame.start() >= 0
                    && frame.start() + frame.capturedLength() <= frame.buffer().length, "a frame lies outside its buffer");
            require(frame.interfaceId() >= 0 && frame.interfaceId() < reader.interfaces().size(), "a frame is of no interface");
            number = frame.number();
            offset = frame.fileOffset();
            packets++;
            captured += frame.capturedLength();
            wire += frame.originalLength();
            digest = digest(digest, frame);
            DecoderCheck.decode(decoder, frame, packet, quoted);
        }
        require(!reader.next(frame), "reading goes on after its end");
        CaptureFacts facts = reader.facts();
        require(facts.packets() == packets && facts.capturedBytes() == captured && facts.wireBytes() == wire,
                "the facts do not count what was read");
        require(reader.frames() >= number, "a frame's number is beyond the last");
        require(facts.damage().size() <= MOST_DAMAGE, "damage is told " + facts.damage().size() + " times");
        for (Damage damage : facts.damage()) {
            require(damage.fileOffset() >= 0 && damage.frameNumber() > 0 && damage.frameNumber() <= reader.frames() + 1,
                    "damage is told outside of the file");
            require(!damage.kind().isEmpty() && !damage.lost().isEmpty(), "damage is told without a word");
        }
        return new Reading(facts, reader.frames(), digest, null);
    }

    private static long digest(long before, FrameView frame) {
        long digest = before * 31 + frame.timeNanos();
        digest = digest * 31 + frame.originalLength();
        digest = digest * 31 + frame.linkType();
        digest = digest * 31 + (frame.timed() ? 1 : 0);
        int end = frame.start() + frame.capturedLength();
        return digest * 31 + Arrays.hashCode(Arrays.copyOfRange(frame.buffer(), frame.start(), end));
    }
}
