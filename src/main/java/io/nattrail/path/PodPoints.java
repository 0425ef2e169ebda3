package io.nattrail.path;

import io.nattrail.leg.PointRole;
import io.nattrail.nat.CaptureSet;
import io.nattrail.nat.Flow;
import io.nattrail.nat.Place;
import io.nattrail.net.IpAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/** Which capture points are at the interfaces of which pods. */
final class PodPoints {
    private final CaptureSet captures;
    /** By the pod's address. */
    private final Map<IpAddress, Integer> points = new HashMap<>();
    /** Endpoints that answered anything. */
    private final Set<IpAddress> answering = new HashSet<>();
    /** The captured pod that called nobody, if there is one of them, and no pod is known to be an endpoint; else -1. */
    private int onlyCalled = -1;
    /** The endpoint that all connections went to; null if none is known. */
    private IpAddress onlyEndpoint;

    PodPoints(CaptureSet captures) {
        this.captures = captures;
    }

    /** Takes a translated flow into account: its endpoint's pod is where it ended. */
    void add(Flow flow) {
        if (flow.legs().stream().anyMatch(leg -> leg.replies() > 0)) {
            answering.add(flow.translated().destination().address());
        }
        for (Place place : flow.places()) {
            if (place.level() > 0 && captures.role(place.point()) == PointRole.POD) {
                points.put(flow.translated().destination().address(), place.point());
            }
        }
    }

    /** All flows were seen, and these are their endpoints; the node of a pod is null where it is not known. */
    void settle(Set<IpAddress> endpoints, FilterSigns filters, Function<IpAddress, String> nodeOfPod) {
        List<Integer> called = captures.find(PointRole.POD, null);
        called.removeIf(pod -> filters.originalsAt(pod) > 0);
        if (called.size() == 1 && points.isEmpty() && endpoints.size() <= 1) {
            onlyCalled = called.get(0);
            onlyEndpoint = endpoints.isEmpty() ? null : endpoints.iterator().next();
        }
        called.removeIf(points::containsValue);
        Map<String, List<Integer>> silent = new TreeMap<>();
        for (int point : called) {
            if (captures.node(point) != null) {
                silent.computeIfAbsent(captures.node(point), node -> new ArrayList<>(1)).add(point);
            }
        }
        silent.forEach((node, of) -> {
            List<IpAddress> unseen = endpoints.stream()
                    .filter(pod -> !points.containsKey(pod) && node.equals(nodeOfPod.apply(pod))).toList();
            if (of.size() == 1 && unseen.size() == 1 && !answering.contains(unseen.get(0))) {
                // The one pod of the node that was captured and got nothing, and the one of its pods that was called and never answered.
                points.put(unseen.get(0), of.get(0));
            }
        });
    }

    boolean isAt(IpAddress pod, int point) {
        return Integer.valueOf(point).equals(points.get(pod));
    }

    /** The point of a pod that is called, -1 if there is none. */
    int of(IpAddress pod) {
        Integer seen = points.get(pod);
        if (seen != null) {
            return seen;
        }
        return onlyEndpoint == null || onlyEndpoint.equals(pod) ? onlyCalled : -1;
    }
}
