package io.nattrail.nat;

import io.nattrail.leg.Direction;
import io.nattrail.leg.FragmentGap;
import io.nattrail.leg.QuotedError;
import io.nattrail.net.Endpoint;
import io.nattrail.net.FiveTuple;
import io.nattrail.net.IpAddress;
import io.nattrail.net.Protocol;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** Reads what {@link FlowEncoder} wrote; for one flow. */
final class FlowDecoder {
    private static final Protocol[] PROTOCOLS = Protocol.values();
    private static final Relation[] RELATIONS = Relation.values();
    private static final EvidenceKind[] EVIDENCE = EvidenceKind.values();
    private static final Sign.Kind[] SIGNS = Sign.Kind.values();
    private static final Direction[] DIRECTIONS = Direction.values();

    private final byte[] bytes;
    private int at;
    private long time;
    private final List<FiveTuple> tuples = new ArrayList<>(4);

    private FlowDecoder(byte[] bytes, int from) {
        this.bytes = bytes;
        this.at = from;
    }

    /** The flow whose bytes begin at {@code from}. */
    static Flow decode(byte[] bytes, int from) {
        return new FlowDecoder(bytes, from).flow();
    }

    private Flow flow() {
        FiveTuple original = tuple();
        FiveTuple translated = tuple();
        List<FlowLeg> legs = list(FlowDecoder::leg);
        List<Place> places = list(FlowDecoder::place);
        List<FlowHop> hops = list(FlowDecoder::hop);
        Set<EvidenceKind> evidence = EnumSet.noneOf(EvidenceKind.class);
        for (int left = small(); left > 0; left--) {
            evidence.add(EVIDENCE[small()]);
        }
        double confidence = Double.longBitsToDouble(Long.reverse(number()));
        List<String> rivals = list(FlowDecoder::text);
        SeenFrame start = frame();
        SeenFrame end = frame();
        List<Sign> signs = list(FlowDecoder::sign);
        Story story = new Story(flag(), flag(), number(), number(), number(), flag(), flag(), flag(), flag(), flag(), flag(), flag(),
                signed(), number(), number());
        List<Flow.TrailPacket> trail = flag() ? list(FlowDecoder::trailPacket) : null;
        return new Flow(original, translated, legs, places, hops, evidence, confidence, rivals, start, end, signs, story, trail);
    }

    private FlowLeg leg() {
        return new FlowLeg(small(), tuple(), RELATIONS[small()], small(), text(), number(), number(), number(), number(), frame(), frame(),
                frame(), frame(), signedSmall(), signedSmall(), small(), small(), signedSmall(), signedSmall(), small(), small(),
                small(), signedSmall(), signedSmall(), flag(), list(FlowDecoder::error), list(FlowDecoder::gap));
    }

    private Place place() {
        return new Place(small(), small(), small() - 1, small() - 1);
    }

    private FragmentGap gap() {
        return new FragmentGap(small(), number(), time(), small(), flag());
    }

    private QuotedError error() {
        return new QuotedError(small(), number(), time(), small(), small(), signedSmall(), address(), address(), small(), flag(),
                signedSmall(), small());
    }

    private FlowHop hop() {
        return new FlowHop(small(), small(), DIRECTIONS[small()], number(), number(), small(), flag(), flag(), loss(), delay(), number(),
                number(), number(), number(), number(), frames(), frames(), frames());
    }

    private HopLoss loss() {
        return new HopLoss(number(), number(), number(), small(), number(), number(), frames(), frames(), frames());
    }

    private HopDelay delay() {
        return new HopDelay(signed(), signed(), time(), signed(), signed(), frame());
    }

    private Sign sign() {
        return new Sign(SIGNS[small()], signedSmall(), signedSmall(), DIRECTIONS[small()], signed(), signed(), frames());
    }

    private Flow.TrailPacket trailPacket() {
        return new Flow.TrailPacket(DIRECTIONS[small()], small(), number(), number(), number(), text(),
                list(FlowDecoder::sighting));
    }

    private Flow.TrailSighting sighting() {
        return new Flow.TrailSighting(small(), frame());
    }

    private FiveTuple tuple() {
        int place = small();
        if (place == 0) {
            return null;
        }
        if (place > tuples.size()) {
            tuples.add(new FiveTuple(PROTOCOLS[small()], endpoint(), endpoint()));
        }
        return tuples.get(place - 1);
    }

    private Endpoint endpoint() {
        return new Endpoint(address(), small());
    }

    private IpAddress address() {
        return flag() ? IpAddress.v6(number(), number()) : IpAddress.v4(small());
    }

    private List<SeenFrame> frames() {
        return list(FlowDecoder::frame);
    }

    private SeenFrame frame() {
        int point = small();
        return point == 0 ? null : new SeenFrame(point - 1, small(), number(), time());
    }

    private long time() {
        time += signed();
        return time;
    }

    private String text() {
        int length = small();
        at += length;
        return new String(bytes, at - length, length, StandardCharsets.UTF_8);
    }

    /** @param item captures nothing: what does is made anew at each call, slowly where Java's optimizing compiler is left out */
    private <T> List<T> list(Function<FlowDecoder, T> item) {
        int size = small();
        if (size == 0) {
            return List.of();
        }
        List<T> list = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            list.add(item.apply(this));
        }
        return list;
    }

    private boolean flag() {
        return bytes[at++] != 0;
    }

    private int small() {
        byte first = bytes[at++];
        return first >= 0 ? first : (int) number(first & 0x7fL);
    }

    private int signedSmall() {
        return (int) signed();
    }

    private long signed() {
        long value = number();
        return value >>> 1 ^ -(value & 1);
    }

    private long number() {
        byte first = bytes[at++];
        return first >= 0 ? first : number(first & 0x7fL);
    }

    /** Goes on with a number of which the lowest seven bits were read. */
    private long number(long lowest) {
        long value = lowest;
        int shift = 7;
        byte next;
        do {
            next = bytes[at++];
            value |= (next & 0x7fL) << shift;
            shift += 7;
        } while (next < 0);
        return value;
    }
}
