package io.nattrail.nat;

import io.nattrail.leg.FragmentGap;
import io.nattrail.leg.QuotedError;
import io.nattrail.net.Endpoint;
import io.nattrail.net.FiveTuple;
import io.nattrail.net.IpAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A flow as a few hundred bytes, for {@link FlowDecoder} of the same run to read: numbers in groups of seven bits, lowest first, signed
 * ones in zigzag; times as differences; each tuple once. Reused; not for several threads.
 */
final class FlowEncoder {
    private byte[] bytes = new byte[4096];
    private int length;
    private long time;
    private final List<FiveTuple> tuples = new ArrayList<>();

    /** The bytes of a flow. */
    byte[] encode(Flow flow) {
        length = 0;
        time = 0;
        tuples.clear();
        tuple(flow.original());
        tuple(flow.translated());
        list(flow.legs().size());
        for (FlowLeg leg : flow.legs()) {
            leg(leg);
        }
        list(flow.places().size());
        for (Place place : flow.places()) {
            number(place.point());
            number(place.level());
            number(place.requestLeg() + 1);
            number(place.replyLeg() + 1);
        }
        list(flow.hops().size());
        for (FlowHop hop : flow.hops()) {
            hop(hop);
        }
        list(flow.evidence().size());
        for (EvidenceKind kind : flow.evidence()) {
            number(kind.ordinal());
        }
        // Of round numbers the lowest bits are the ones that are zero.
        number(Long.reverse(Double.doubleToLongBits(flow.confidence())));
        list(flow.rivals().size());
        for (String rival : flow.rivals()) {
            text(rival);
        }
        frame(flow.start());
        frame(flow.end());
        list(flow.signs().size());
        for (Sign sign : flow.signs()) {
            sign(sign);
        }
        story(flow.story());
        flag(flow.trail() != null);
        if (flow.trail() != null) {
            trail(flow.trail());
        }
        return Arrays.copyOf(bytes, length);
    }

    private void leg(FlowLeg leg) {
        number(leg.point());
        tuple(leg.tuple());
        number(leg.relation().ordinal());
        number(leg.level());
        text(leg.history());
        number(leg.requests());
        number(leg.replies());
        number(leg.copies());
        number(leg.requestCopies());
        frame(leg.first());
        frame(leg.last());
        frame(leg.firstRequest());
        frame(leg.firstReply());
        signed(leg.requestTtl());
        signed(leg.replyTtl());
        number(leg.syns());
        number(leg.synAcks());
        signed(leg.mss());
        signed(leg.replyMss());
        number(leg.requestFragments());
        number(leg.replyFragments());
        number(leg.doubles());
        signed(leg.firstStamp());
        signed(leg.lastStamp());
        flag(leg.cut());
        list(leg.errors().size());
        for (QuotedError error : leg.errors()) {
            error(error);
        }
        list(leg.gaps().size());
        for (FragmentGap gap : leg.gaps()) {
            number(gap.file());
            number(gap.number());
            time(gap.timeNanos());
            number(gap.identification());
            flag(gap.fromOpener());
        }
    }

    private void error(QuotedError error) {
        number(error.file());
        number(error.number());
        time(error.timeNanos());
        number(error.type());
        number(error.code());
        signed(error.mtu());
        address(error.sender());
        address(error.receiver());
        number(error.ttl());
        flag(error.quotedFromOpener());
        signed(error.quotedSeq());
        number(error.quotedIdentification());
    }

    private void hop(FlowHop hop) {
        number(hop.from());
        number(hop.to());
        number(hop.direction().ordinal());
        number(hop.sent());
        number(hop.delivered());
        number(hop.mostDeliveredBytes());
        flag(hop.lastArrived());
        flag(hop.resegmented());
        loss(hop.loss());
        delay(hop.delay());
        number(hop.duplicated());
        number(hop.reordered());
        number(hop.altered());
        number(hop.compared());
        number(hop.appeared());
        frames(hop.lateFrames());
        frames(hop.duplicateFrames());
        frames(hop.alteredFrames());
    }

    private void loss(HopLoss loss) {
        number(loss.packets());
        number(loss.data());
        number(loss.old());
        number(loss.leastBytes());
        number(loss.hidden());
        number(loss.missed());
        frames(loss.frames());
        frames(loss.flagged());
        frames(loss.missedFrames());
    }

    private void delay(HopDelay delay) {
        signed(delay.leastNanos());
        signed(delay.medianNanos());
        time(delay.medianAt());
        signed(delay.greatestNanos());
        signed(delay.firstNanos());
        frame(delay.slowest());
    }

    private void sign(Sign sign) {
        number(sign.kind().ordinal());
        signed(sign.place());
        signed(sign.leg());
        number(sign.direction().ordinal());
        signed(sign.count());
        signed(sign.value());
        frames(sign.frames());
    }

    private void story(Story story) {
        flag(story.clientSawSynAck());
        flag(story.established());
        number(story.requestBytes());
        number(story.replyBytes());
        number(story.endpointReplyBytes());
        flag(story.clientFin());
        flag(story.endpointFin());
        flag(story.clientFinFirst());
        flag(story.requestAcked());
        flag(story.replyAcked());
        flag(story.lastIsRequestData());
        flag(story.midstream());
        signed(story.thoughtNanos());
        number(story.requestPrint());
        number(story.replyPrint());
    }

    private void trail(List<Flow.TrailPacket> trail) {
        list(trail.size());
        for (Flow.TrailPacket packet : trail) {
            number(packet.direction().ordinal());
            number(packet.flags());
            number(packet.sequence());
            number(packet.acknowledgment());
            number(packet.length());
            text(packet.note());
            list(packet.sightings().size());
            for (Flow.TrailSighting sighting : packet.sightings()) {
                number(sighting.leg());
                frame(sighting.frame());
            }
        }
    }

    /** Its place among the tuples so far; a new one follows. */
    private void tuple(FiveTuple tuple) {
        if (tuple == null) {
            number(0);
            return;
        }
        int known = tuples.indexOf(tuple);
        if (known >= 0) {
            number(known + 1);
            return;
        }
        tuples.add(tuple);
        number(tuples.size());
        number(tuple.protocol().ordinal());
        endpoint(tuple.source());
        endpoint(tuple.destination());
    }

    private void endpoint(Endpoint endpoint) {
        address(endpoint.address());
        number(endpoint.port());
    }

    private void address(IpAddress address) {
        flag(address.v6());
        if (address.v6()) {
            number(address.high());
        }
        number(address.low());
    }

    private void frames(List<SeenFrame> frames) {
        list(frames.size());
        for (int i = 0; i < frames.size(); i++) {
            frame(frames.get(i));
        }
    }

    private void frame(SeenFrame frame) {
        if (frame == null) {
            number(0);
            return;
        }
        number(frame.point() + 1);
        number(frame.file());
        number(frame.number());
        time(frame.timeNanos());
    }

    private void time(long nanos) {
        signed(nanos - time);
        time = nanos;
    }

    private void text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        list(utf8.length);
        reserve(utf8.length);
        System.arraycopy(utf8, 0, bytes, length, utf8.length);
        length += utf8.length;
    }

    private void list(int size) {
        number(size);
    }

    private void flag(boolean value) {
        number(value ? 1 : 0);
    }

    private void signed(long value) {
        number(value << 1 ^ value >> 63);
    }

    private void number(long value) {
        reserve(10);
        if (value >= 0 && value < 0x80) {
            bytes[length++] = (byte) value;
            return;
        }
        long left = value;
        while ((left & ~0x7fL) != 0) {
            bytes[length++] = (byte) (left | 0x80);
            left >>>= 7;
        }
        bytes[length++] = (byte) left;
    }

    private void reserve(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }
}
