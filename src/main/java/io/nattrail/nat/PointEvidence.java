package io.nattrail.nat;

import io.nattrail.net.Endpoint;
import io.nattrail.net.IpAddress;
import java.util.Map;
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
 * @param routedAgain connections that came here after another router than the node that translated them
 * @param routedBehind of them, by number of the point that shows both sides of them
 * @param asSent connections that came here with the TTL that they left that node with
 * @param unrouted connections that show here translated, and with the TTL that they were opened with: by a bridge's hook
 * @param oneBehind by number of another point, the connections that show there before their translation, though not first, and here behind
 *     one router
 * @param keptSource connections that no other point shows before their translation, which left their source as it was, or brought them
 *     back to it
 * @param keptBetween their destinations before and after it
 * @param endpoints of translated connections that it shows behind their translation
 * @param answeredElsewhere endpoints of which other points show connections that were answered, and this one none
 */
public record PointEvidence(int originals, int translated, int both, int requests, int freshRequests, int freshReplies, int earliest,
        Set<IpAddress> called, Set<IpAddress> fronts, Set<IpAddress> pods, int routedAgain, Map<Integer, Integer> routedBehind, int asSent,
        int unrouted, Map<Integer, Integer> oneBehind, int keptSource, Set<Endpoint> keptBetween, Set<IpAddress> endpoints,
        Set<IpAddress> answeredElsewhere) {
}
