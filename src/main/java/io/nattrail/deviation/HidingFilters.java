package io.nattrail.deviation;

import io.nattrail.leg.Direction;
import io.nattrail.nat.CaptureSet;
import io.nattrail.net.Amount;
import io.nattrail.path.ClusterView;
import java.util.List;

/** What a capture's filter or direction hides, and where the nodes encrypt what it should show. */
final class HidingFilters {
    private final ClusterView cluster;
    private final CaptureSet captures;

    HidingFilters(CaseFacts facts) {
        cluster = facts.cluster();
        captures = facts.captures();
    }

    void deviations(List<Deviation> found) {
        for (int i = 0; i < captures.count(); i++) {
            if (captures.outgoingBlind(i)) {
                found.add(Deviation.ofCase(CaptureTypes.CAPTURE_FILTER_HIDES_LEG, captures.point(i).name(),
                        ("%s shows what came to it of %s and nothing that it sent, though %s: its filter, or its direction (tcpdump -Q), "
                                + "hides that").formatted(captures.point(i).name(), Amount.of(cluster.originalsAt(i), "connection"),
                                cluster.showsAnswersToUnseen(i) ? "pods' answers came to it" : "clients got answers")));
            } else if (captures.translatedBlind(i)) {
                String how = cluster.hiddenByAnswers(i) ? "though it sent them to another node" : "which other captures show";
                String shown = "%s shows the client's side of %s and the pods' side of none, %s: ".formatted(captures.point(i).name(),
                        Amount.of(cluster.originalsAt(i), "connection"), how);
                found.add(cluster.showsOnlyEncrypted(i) ? encrypted(i, shown)
                        : Deviation.ofCase(CaptureTypes.CAPTURE_FILTER_HIDES_LEG, captures.point(i).name(), shown + "its filter hides it"));
            }
            if (captures.answersBlind(i) && !captures.outgoingBlind(i)) {
                found.add(Deviation.ofCase(CaptureTypes.CAPTURE_FILTER_HIDES_LEG, captures.point(i).name(),
                        ("%s shows the questions of %s and the answers of none, though %s: its filter, or its direction (tcpdump -Q), "
                                + "hides them").formatted(captures.point(i).name(), Amount.of(cluster.originalsAt(i), "connection"),
                                answersProven(i))));
            }
            if (captures.questionsBlind(i)) {
                found.add(Deviation.ofCase(CaptureTypes.CAPTURE_FILTER_HIDES_LEG, captures.point(i).name(),
                        ("%s shows answers to clients and none of their questions, which their own captures show: its filter, or its "
                                + "direction (tcpdump -Q), hides them").formatted(captures.point(i).name())));
            }
            if (captures.originalBlind(i)) {
                found.add(Deviation.ofCase(CaptureTypes.CAPTURE_FILTER_HIDES_LEG, captures.point(i).name(),
                        "%s shows the pods' side of %s and the client's side of none, which other captures show: its filter hides it"
                                .formatted(captures.point(i).name(), Amount.of(cluster.translatedAt(i), "connection"))));
            }
            hiddenSome(i, found);
        }
    }

    private String answersProven(int point) {
        if (!cluster.hiddenByHandshakes(point)) {
            return "new questions followed on answers that other captures show";
        }
        return cluster.hiddenByNeighbours(point)
                ? "the host's ARP was answered, which does not show either: without an answer it is sent again after a second"
                : "connections went on there after their SYN, as after its answer only";
    }

    private Deviation encrypted(int point, String shown) {
        return new Deviation(CaptureTypes.CAPTURE_FILTER_HIDES_LEG, CaptureTypes.CAPTURE_FILTER_HIDES_LEG.severity(), null,
                captures.point(point).name(), shown + "the nodes encrypt what they send each other (%s of IPsec or WireGuard)".formatted(
                        Amount.of(captures.leftOut(point).encrypted(), "packet")),
                List.of(), List.of(), CaptureTypes.WHERE_IT_IS_PLAIN, null);
    }

    /** A filter of hosts or ports hides some connections and shows others in full. */
    private void hiddenSome(int point, List<Deviation> found) {
        int client = cluster.hiddenProofs(point, false, Direction.REQUEST);
        int pods = captures.translatedBlind(point) ? 0 : cluster.hiddenProofs(point, true, Direction.REQUEST);
        if (client + pods > 0 && !captures.originalBlind(point)) {
            found.add(Deviation.ofCase(CaptureTypes.CAPTURE_FILTER_HIDES_LEG, captures.point(point).name(),
                    ("%s shows nothing of the %s side of %s that must have passed it, though it shows others: its filter hides them, "
                            + "and may hide more").formatted(captures.point(point).name(), client > 0 ? "client's" : "pods'",
                                    Amount.of(Math.max(client, pods), "connection"))));
        } else if (cluster.hidesWhatIsSent(point)) {
            found.add(Deviation.ofCase(CaptureTypes.CAPTURE_FILTER_HIDES_LEG, captures.point(point).name(),
                    ("%s shows that a pod was asked for its address (ARP, neighbour discovery) or refused a datagram, and nothing that "
                            + "was sent to it: its filter, or its direction (tcpdump -Q), hides that").formatted(
                                    captures.point(point).name())));
        } else if (!captures.answersBlind(point)) {
            int answers = Math.max(cluster.hiddenProofs(point, false, Direction.REPLY), captures.translatedBlind(point) ? 0
                    : cluster.hiddenProofs(point, true, Direction.REPLY));
            if (answers > 0) {
                found.add(Deviation.ofCase(CaptureTypes.CAPTURE_FILTER_HIDES_LEG, captures.point(point).name(),
                        ("%s shows no answer of %s that were answered by way of it: its filter, or its direction (tcpdump -Q), hides them")
                                .formatted(captures.point(point).name(), Amount.of(answers, "connection"))));
            }
        }
    }
}
