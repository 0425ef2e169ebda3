package io.nattrail.analysis;

import java.util.List;

/**
 * What is known of a case before its flows.
 *
 * @param name the case's name: that of its folder
 * @param toolVersion version of NatTrail
 * @param notes remarks about inputs: files that were not understood, how points were concluded
 * @param cluster what is known of the cluster, told or inferred
 */
public record CaseHeader(String name, String toolVersion, List<PointResult> points, List<String> notes, List<ClusterFact> cluster) {
    public CaseHeader {
        points = List.copyOf(points);
        notes = List.copyOf(notes);
        cluster = List.copyOf(cluster);
    }

    /**
     * A fact about the cluster.
     *
     * @param kind {@code node}, {@code service}, {@code endpoint}, {@code pod-cidr}, {@code masquerade-address}
     * @param origin {@code told} (cluster state) or {@code inferred} (packets)
     */
    public record ClusterFact(String kind, String name, String value, String origin) {
    }
}
