package io.nattrail.nat;

import io.nattrail.net.IpAddress;
import java.util.Set;

/**
 * What the connections say of a capture point.
 *
 * @param originals translated connections of which it shows only the client's tuple
 * @param translated translated connections of which it shows only a translated tuple
 * @param both translated connections of which it shows both
 * @param requests connections whose requests it shows
 * @param freshRequests of them, those whose TTL no router has touched
 * @param freshReplies connections whose answers have a TTL that no router has touched
 * @param earliest connections whose requests it saw before all other points that show the same tuple
 * @param called addresses that clients called
 * @param fronts of them, those where it shows both tuples: the node's own
 * @param pods addresses of endpoints whose answers come fresh from the pod
 */
public record PointEvidence(int originals, int translated, int both, int requests, int freshRequests, int freshReplies, int earliest,
        Set<IpAddress> called, Set<IpAddress> fronts, Set<IpAddress> pods) {
}
