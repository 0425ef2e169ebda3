package io.nattrail.path;

import io.nattrail.leg.PointRole;
import io.nattrail.nat.CaptureSet;
import io.nattrail.nat.Flow;
import io.nattrail.nat.Place;
import io.nattrail.net.IpAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which capture points are at the interfaces of which pods. */
final class PodPoints {
    private final CaptureSet captures;
    /** By the pod's address. */
    private final Map<IpAddress, Integer> points = new HashMap<>();
    /** The captured pod that called nobody, if there is one of them, and no pod is known to be an endpoint; else -1. */
    private int onlyCalled = -1;
    /** The endpoint that all connections went to; null if none is known. */
    private IpAddress onlyEndpoint;

    PodPoints(CaptureSet captures) {
        this.captures = captures;
    }

    /** Takes a translated flow into account: its endpoint's pod is where it ended. */
    void add(Flow flow) {
        for (Place place : flow.places()) {
            if (place.level() > 0 && captures.role(place.point()) == PointRole.POD) {
                points.put(flow.translated().destination().address(), place.point());
            }
        }
    }

    /** All flows were seen, and these are their endpoints. */
    void settle(Set<IpAddress> endpoints, FilterSigns filters) {
        List<Integer> called = captures.find(PointRole.POD, null);
        called.removeIf(pod -> filters.originalsAt(pod) > 0);
        if (called.size() == 1 && points.isEmpty() && endpoints.size() <= 1) {
            onlyCalled = called.get(0);
            onlyEndpoint = endpoints.isEmpty() ? null : endpoints.iterator().next();
        }
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
