package io.nattrail.clock;

import io.nattrail.leg.ClockStep;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds when a clock was set, from packets that crossed between points. Time cannot order what came before and after a clock was set back;
 * the frames of a file can. So the crossings of two points are taken in the order of one point's frames: as far as one constant offset fits
 * them all (see {@link Crossings}) no clock was set, and where none does any more, one was.
 */
public final class StepSearch {
    /** What is less may be a queue, a drift, or stamps that are not exact. */
    private static final long LEAST_STEP_NANOS = 2_000_000L;
    /** Fewer may be packets that were taken for others. */
    private static final int LEAST_CROSSINGS = 6;

    private final int points;
    private final int[] machines;
    private final long[] grains;
    private final List<List<Crossing>> pairs;

    /** A packet seen at two points, the one with the lower number first; its times tell the clocks as exactly as said. */
    private record Crossing(Sight a, Sight b, boolean forward, long tolerated) {
        Sight at(boolean second) {
            return second ? b : a;
        }

        long difference() {
            return b.timeNanos - a.timeNanos;
        }
    }

    /** A frame at one of the points. */
    public record Sight(int point, int file, long number, long timeNanos) {
        private boolean sameFrame(Sight other) {
            return file == other.file && number == other.number;
        }
    }

    /** What crossings say of the difference of two clocks. */
    private static final class Bounds {
        private long upper = Long.MAX_VALUE;
        private long lower = Long.MIN_VALUE;
        private long firstTime = Long.MIN_VALUE;

        /** Takes a crossing in, unless it contradicts the others. */
        boolean take(Crossing crossing) {
            long difference = crossing.difference();
            firstTime = firstTime == Long.MIN_VALUE ? crossing.a.timeNanos : firstTime;
            long tolerated = crossing.tolerated + (long) (PairFit.MOST_DRIFT * Math.abs(crossing.a.timeNanos - firstTime));
            if (crossing.forward ? lower != Long.MIN_VALUE && difference < lower - tolerated
                    : upper != Long.MAX_VALUE && difference > upper + tolerated) {
                return false;
            }
            if (crossing.forward) {
                upper = Math.min(upper, difference);
            } else {
                lower = Math.max(lower, difference);
            }
            return true;
        }

        /** How far the difference rose since: packets of one direction took equally long at their fastest. */
        long since(Bounds before) {
            boolean uppers = upper != Long.MAX_VALUE && before.upper != Long.MAX_VALUE;
            boolean lowers = lower != Long.MIN_VALUE && before.lower != Long.MIN_VALUE;
            if (uppers && lowers) {
                return (upper - before.upper) / 2 + (lower - before.lower) / 2;
            }
            if (uppers) {
                return upper - before.upper;
            }
            if (lowers) {
                return lower - before.lower;
            }
            return upper == Long.MAX_VALUE ? lower - before.upper : upper - before.lower;
        }
    }

    /** A clock may have been set at {@code step}, as the clock of another machine tells; so many crossings are on the side with fewer. */
    private record Candidate(ClockStep step, int against, int crossings, boolean runsBack) {
    }

    /**
     * @param machines the machine that each point was captured on, by a number
     * @param grains how fine each point's time stamps are, 0 for exact ones
     */
    public StepSearch(int[] machines, long[] grains) {
        this.points = machines.length;
        this.machines = machines.clone();
        this.grains = grains.clone();
        this.pairs = new ArrayList<>();
        for (int i = 0; i < points * points; i++) {
            pairs.add(new ArrayList<>());
        }
    }

    /** A packet was seen at one point, then at another. */
    public void crossed(Sight from, Sight to) {
        boolean forward = from.point < to.point;
        Sight a = forward ? from : to;
        Sight b = forward ? to : from;
        pairs.get(a.point * points + b.point).add(new Crossing(a, b, forward, LEAST_STEP_NANOS + grains[a.point] + grains[b.point]));
    }

    /** The first clock that was set; null if all crossings agree, or too few disagree to say. */
    public ClockStep first() {
        List<List<Candidate>> ofPoint = new ArrayList<>();
        for (int point = 0; point < points; point++) {
            ofPoint.add(new ArrayList<>());
        }
        for (int a = 0; a < points; a++) {
            for (int b = a + 1; b < points; b++) {
                List<Crossing> crossings = pairs.get(a * points + b);
                add(candidate(crossings, false, machines[b]), ofPoint.get(a));
                add(candidate(crossings, true, machines[a]), ofPoint.get(b));
            }
        }
        // A clock that was set disagrees with all others, and all captures of its machine do; of two alone, the file whose times run back
        // tells, else the one that was set ahead, which is how clocks are mostly wrong when a machine starts.
        List<Candidate> chosen = List.of();
        for (List<Candidate> candidates : ofPoint) {
            if (!candidates.isEmpty() && (chosen.isEmpty() || likelier(candidates, chosen) > 0)) {
                chosen = candidates;
            }
        }
        return chosen.isEmpty() ? null : best(chosen).step;
    }

    private static int likelier(List<Candidate> a, List<Candidate> b) {
        int order = Long.compare(disagreeing(a), disagreeing(b));
        order = order != 0 ? order : Boolean.compare(best(a).runsBack, best(b).runsBack);
        return order != 0 ? order : Boolean.compare(best(a).step.aheadNanos() > 0, best(b).step.aheadNanos() > 0);
    }

    private static long disagreeing(List<Candidate> candidates) {
        return candidates.stream().mapToInt(Candidate::against).distinct().count();
    }

    private static void add(Candidate candidate, List<Candidate> to) {
        if (candidate != null) {
            to.add(candidate);
        }
    }

    private static Candidate best(List<Candidate> candidates) {
        Candidate best = candidates.get(0);
        for (Candidate candidate : candidates) {
            if (candidate.crossings > best.crossings) {
                best = candidate;
            }
        }
        return best;
    }

    private static int inOrder(Sight a, Sight b) {
        return a.file != b.file ? Integer.compare(a.file, b.file) : Long.compare(a.number, b.number);
    }

    private static Candidate candidate(List<Crossing> unordered, boolean ofSecond, int against) {
        List<Crossing> crossings = new ArrayList<>(unordered);
        crossings.sort((a, b) -> inOrder(a.at(ofSecond), b.at(ofSecond)));
        Bounds before = new Bounds();
        int torn = 0;
        while (torn < crossings.size() && before.take(crossings.get(torn))) {
            torn++;
        }
        if (torn == crossings.size()) {
            return null;
        }
        Bounds after = new Bounds();
        int end = torn;
        while (end < crossings.size() && after.take(crossings.get(end))) {
            end++;
        }
        // The first that disagrees need not be the first after it: where the difference leapt most, it was.
        int cut = torn;
        for (int i = torn - 1; i > 0 && after.take(crossings.get(i)); i--) {
            cut = leap(crossings, i) > leap(crossings, cut) ? i : cut;
        }
        boolean oneFrame = crossings.get(cut).at(ofSecond).sameFrame(crossings.get(cut - 1).at(ofSecond));
        if (Math.min(cut, end - cut) < LEAST_CROSSINGS || oneFrame) {
            return null;
        }
        Bounds era = bounds(crossings.subList(0, cut));
        Bounds next = bounds(crossings.subList(cut, end));
        Sight first = crossings.get(cut).at(ofSecond);
        Sight last = crossings.get(cut - 1).at(ofSecond);
        long ahead = ofSecond ? next.since(era) : -next.since(era);
        if (Math.abs(ahead) < crossings.get(cut).tolerated) {
            return null;
        }
        boolean runsBack = ahead < 0 && first.timeNanos < last.timeNanos;
        ClockStep step = new ClockStep(first.point, first.file, last.file == first.file ? last.number : 0, last.timeNanos, first.number,
                first.timeNanos, ahead);
        return new Candidate(step, against, Math.min(cut, end - cut), runsBack);
    }

    private static Bounds bounds(List<Crossing> crossings) {
        Bounds bounds = new Bounds();
        crossings.forEach(bounds::take);
        return bounds;
    }

    private static long leap(List<Crossing> crossings, int at) {
        return Math.abs(crossings.get(at).difference() - crossings.get(at - 1).difference());
    }
}
