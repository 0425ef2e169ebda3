package io.nattrail.nat;

import io.nattrail.leg.Direction;
import java.util.ArrayList;
import java.util.List;

/** What is notable of one flow, as it is found. */
final class Signs {
    private final List<Sign> signs = new ArrayList<>();

    void add(Sign sign) {
        signs.add(sign);
    }

    /** One more of a kind at a place; it keeps the value of the first, and the first few frames. */
    void count(Sign.Kind kind, int place, int leg, Direction direction, long value, SeenFrame frame) {
        for (int i = 0; i < signs.size(); i++) {
            Sign sign = signs.get(i);
            if (sign.kind() == kind && sign.place() == place && sign.direction() == direction) {
                List<SeenFrame> frames = new ArrayList<>(sign.frames());
                if (frames.size() < Sign.MOST_FRAMES) {
                    frames.add(frame);
                }
                signs.set(i, new Sign(kind, place, leg, direction, sign.count() + 1, sign.value(), frames));
                return;
            }
        }
        signs.add(new Sign(kind, place, leg, direction, 1, value, List.of(frame)));
    }

    /** Whether there is one of a kind. */
    boolean has(Sign.Kind kind) {
        for (int i = 0; i < signs.size(); i++) {
            if (signs.get(i).kind() == kind) {
                return true;
            }
        }
        return false;
    }

    /** Whether there is one of a kind on a leg. */
    boolean has(Sign.Kind kind, int leg, Direction direction) {
        for (Sign sign : signs) {
            if (sign.kind() == kind && sign.leg() == leg && sign.direction() == direction) {
                return true;
            }
        }
        return false;
    }

    List<Sign> list() {
        return List.copyOf(signs);
    }
}
