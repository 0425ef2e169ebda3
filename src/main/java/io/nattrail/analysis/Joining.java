package io.nattrail.analysis;

import io.nattrail.capture.CaptureFacts;
import io.nattrail.capture.Damage;
import io.nattrail.clock.ClockFit;
import io.nattrail.clock.ClockNet;
import io.nattrail.clock.PairFits;
import io.nattrail.cluster.ClusterIndex;
import io.nattrail.leg.CapturePoint;
import io.nattrail.leg.ClockStep;
import io.nattrail.leg.LegTable;
import io.nattrail.leg.PointRole;
import io.nattrail.nat.CaptureSet;
import io.nattrail.nat.CaptureWindow;
import io.nattrail.nat.Correlator;
import io.nattrail.nat.FloodedLegs;
import io.nattrail.nat.FlowStore;
import io.nattrail.nat.LeftOut;
import io.nattrail.nat.PointCapture;
import io.nattrail.nat.Silence;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Joins the legs of all points to flows: connections that have ended while captures are still read, if many packets wait; all others at the
 * end. Nothing is folded early while the files' names leave open what a point is, or packets leave a clock unbounded.
 */
final class Joining {
    private static final int SAMPLED_CONNECTIONS = 400;
    /** So many of them where the names tell and the contents only confirm it. */
    private static final int SAMPLED_TO_CONFIRM = 100;
    private static final int MOST_CLOCK_STEPS = 8;

    private final CaseRequest request;
    private final ClusterIndex told;
    private final List<PointReader> readers;
    private final FlowStore flows;
    private final long crowd;
    private long givenUp;
    private final Correlator.Settled settled = new Correlator.Settled();
    private final List<PointReader.Part> parts = new ArrayList<>();
    private final List<PointName> names = new ArrayList<>();
    private final List<String> toldBy = new ArrayList<>();
    private final List<PointReader> readerOf = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    /** What the points are; concluded when the first flows are folded. */
    private List<CapturePoint> points = List.of();
    private CaptureSet captures;
    /** What is known of the clocks by handshakes; null before the first were matched. */
    private ClockNet handshakes;
    private final List<ClockStep> clockSteps = new ArrayList<>();

    /** @param crowd packets that may wait before handshakes that nobody finished are given up early */
    Joining(CaseRequest request, ClusterIndex told, List<PointReader> readers, FlowStore flows, long crowd) {
        this.request = request;
        this.told = told;
        this.readers = readers;
        this.flows = flows;
        this.crowd = crowd;
    }

    List<PointReader.Part> parts() {
        return parts;
    }

    List<String> notes() {
        return notes;
    }

    /** The number of the point whose clock is the reference. */
    int reference() {
        for (int i = 0; i < points.size(); i++) {
            if (points.get(i).name().equals(request.reference())) {
                return i;
            }
        }
        for (PointRole role : new PointRole[] {PointRole.CLIENT, PointRole.POD}) {
            for (int i = 0; i < points.size(); i++) {
                if (points.get(i).role() == role) {
                    return i;
                }
            }
        }
        return 0;
    }

    private void requireReference() throws IOException {
        List<String> there = points.stream().map(CapturePoint::name).toList();
        if (request.reference() != null && !there.contains(request.reference())) {
            throw new IOException("--reference " + request.reference() + ": no such point; there are: " + String.join(", ", there));
        }
    }

    /** Folds what has ended everywhere, as far as what is known by now allows it. */
    void foldEnded() {
        long rows = 0;
        long ended = 0;
        for (PointReader reader : readers) {
            for (PointReader.Part part : reader.parts()) {
                rows += part.table().heldRows();
                ended += part.table().endedRows();
            }
        }
        if (ended < rows / 4) {
            // Matching them would cost more than it gives.
            return;
        }
        number();
        if (!rolesNamed()) {
            return;
        }
        Correlator correlator = match();
        ClockFit[] clocks = clocks(fits(handshakes));
        if (!Arrays.stream(clocks).allMatch(ClockFit::bounded)) {
            correlator.leaveOpen();
            return;
        }
        captures = captures(clocks);
        givenUp += correlator.foldEnded(captures, readTo(), rows > crowd, request.threads(), request.keepTrails(), flows);
    }

    /** Folds the rest; all captures were read. */
    CaptureSet finish() throws IOException {
        number();
        for (int i = 0; i < parts.size(); i++) {
            if (names.get(i).role() == PointRole.POD) {
                FloodedLegs.leaveOut(parts.get(i).table());
            }
        }
        Correlator.divideReused(tables());
        Correlator correlator = match();
        requireReference();
        PairFits fits = fits(handshakes);
        for (ClockStep found = clockStep(correlator, fits); found != null; found = clockStep(correlator, fits)) {
            clockSteps.add(parts.get(found.point()).table().undo(found));
            // What was learnt of the clocks from connections that are not folded yet is not true any more.
            handshakes = captures == null ? null : captures.crossings();
            correlator = match();
            fits = fits(handshakes);
        }
        captures = captures(clocks(fits));
        correlator.fold(captures, request.threads(), request.keepTrails(), flows);
        flows.seal();
        // Connections were folded in the order that the points' names say. Where they are wrong, handshakes, ordered by TTL, still tell.
        captures.clocks(clocks(fits(captures.crossings()).whereOrdered(fits)));
        captures.grains(grains());
        if (givenUp > 0) {
            notes.add(String.format(Locale.ROOT,
                    "%,d handshakes without a packet for 5 s were taken for given up, since too many waited", givenUp));
        }
        for (int i = 0; i < parts.size(); i++) {
            if (parts.get(i).inseparable()) {
                captures.inseparable(i);
            }
            noteEmpty(parts.get(i));
            String missing = RingGaps.note(points.get(i).name(), parts.get(i).files());
            if (missing != null) {
                notes.add(missing);
            }
            long tooLate = parts.get(i).table().tooLate();
            if (tooLate > 0) {
                notes.add(points.get(i).name() + ": " + (tooLate == 1
                        ? "1 packet came long after its connection had ended and is in no flow"
                        : tooLate + " packets came long after their connections had ended and are in no flow"));
            }
        }
        return captures;
    }

    /** A clock that was set and not undone yet; null if none seems to have been, or too many were. */
    private ClockStep clockStep(Correlator correlator, PairFits fits) {
        return clockSteps.size() < MOST_CLOCK_STEPS
                ? correlator.clockSketch().step(fits.contradictory(), machines(), grains()) : null;
    }

    /** Captures of one node have its clock. */
    private int[] machines() {
        int[] machines = new int[points.size()];
        for (int i = 0; i < machines.length; i++) {
            machines[i] = i;
            for (int other = 0; other < i && machines[i] == i; other++) {
                boolean one = points.get(i).node() != null && points.get(i).node().equals(points.get(other).node());
                machines[i] = one ? machines[other] : i;
            }
        }
        return machines;
    }

    private PairFits fits(ClockNet net) {
        return net.fits(grains());
    }

    private ClockFit[] clocks(PairFits fits) {
        return fits.clocks(reference(), origins());
    }

    private long[] grains() {
        return parts.stream().mapToLong(part -> part.table().grain()).toArray();
    }

    /** Gives numbers to points that have none yet, in the order of their files. */
    private void number() {
        for (PointReader reader : readers) {
            for (PointReader.Part part : reader.parts()) {
                if (!parts.contains(part)) {
                    part.table().number(parts.size());
                    parts.add(part);
                    names.add(name(reader, part));
                    toldBy.add(reader.source().toldBy());
                    readerOf.add(reader);
                }
            }
        }
    }

    private boolean rolesNamed() {
        for (PointName name : names) {
            if (name.role() == null) {
                return false;
            }
        }
        return true;
    }

    private List<LegTable> tables() {
        return parts.stream().map(PointReader.Part::table).toList();
    }

    private Correlator match() {
        Correlator correlator = new Correlator(tables(), settled);
        if (points.size() < parts.size() || captures == null) {
            PointRoles roles = new PointRoles(parts, names, toldBy,
                    correlator.pointEvidence(rolesNamed() ? SAMPLED_TO_CONFIRM : SAMPLED_CONNECTIONS), told);
            List<CapturePoint> concluded = new ArrayList<>(roles.conclude());
            if (captures != null) {
                // Flows were folded by what was concluded of the first.
                for (int i = 0; i < points.size(); i++) {
                    concluded.set(i, points.get(i));
                }
            }
            notes.clear();
            notes.addAll(roles.notes());
            points = concluded;
        }
        ClockNet net = correlator.clockSketch().handshakes();
        if (handshakes != null) {
            net.addAll(handshakes);
        }
        handshakes = net;
        return correlator;
    }

    private CaptureSet captures(ClockFit[] clocks) {
        List<PointCapture> read = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            PointReader.Part part = parts.get(i);
            LegTable table = part.table();
            read.add(new PointCapture(points.get(i),
                    new CaptureWindow(table.firstTime(), table.latestTime(), table.frames(), table.longestSilence(), cutShort(part),
                            silences(part)),
                    new LeftOut(table.only(), table.cutBehindV6(), table.cutBehindV4(), table.headless(), table.cutQuotes(),
                            table.answeredUnseen(), table.askedUnseen(), table.encrypted()),
                    part.files().stream().map(f -> CaseAnalyzer.fileName(f.file())).toList()));
        }
        return captures == null ? new CaptureSet(read, clocks, clockSteps) : captures.later(read, clocks, clockSteps);
    }

    private static List<Silence> silences(PointReader.Part part) {
        long[] times = part.table().silences();
        List<Silence> silences = RingGaps.of(part.files());
        for (int i = 0; i < times.length; i += 2) {
            if (!silences.contains(new Silence(times[i], times[i + 1], true))) {
                silences.add(new Silence(times[i], times[i + 1], false));
            }
        }
        return silences;
    }

    private static boolean cutShort(PointReader.Part part) {
        List<CaptureFacts> files = part.files();
        return !files.isEmpty() && files.get(files.size() - 1).damage().stream().anyMatch(Damage::endsCapture);
    }

    /** A header alone is what tcpdump leaves that was killed before it wrote its first packets. */
    private void noteEmpty(PointReader.Part part) {
        for (CaptureFacts file : part.files()) {
            if (file.packets() > 0 || !file.damage().isEmpty()) {
                return;
            }
        }
        if (!part.files().isEmpty()) {
            notes.add(CaseAnalyzer.fileName(part.files().get(0).file()) + " holds no packet: was tcpdump stopped before it wrote any? "
                    + "It keeps what it has until it is stopped by SIGINT or SIGTERM, unless it runs with -U");
        }
    }

    private long[] readTo() {
        long[] readTo = new long[parts.size()];
        Arrays.setAll(readTo, i -> readerOf.get(i).finished() ? Long.MAX_VALUE : parts.get(i).table().time());
        return readTo;
    }

    private long[] origins() {
        long[] origins = new long[parts.size()];
        Arrays.setAll(origins, i -> parts.get(i).table().frames() == 0 ? 0 : parts.get(i).table().firstTime());
        return origins;
    }

    private static PointName name(PointReader reader, PointReader.Part part) {
        PointName name = PointName.of(reader.source().name());
        if (part.interfaceName() == null) {
            return name;
        }
        if (part.ofMerged()) {
            return new PointName(name.name() + "-" + part.interfaceName(), null, null);
        }
        PointName ofInterface = PointName.of(part.interfaceName());
        if (ofInterface.role() != null) {
            return ofInterface;
        }
        PointName both = PointName.of(reader.source().name() + "-" + part.interfaceName());
        return both.role() != null ? both : new PointName(reader.source().name() + part.interfaceName(), null, null);
    }
}
