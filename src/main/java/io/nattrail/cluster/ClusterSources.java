package io.nattrail.cluster;

import java.util.List;

/** The kinds of dump that are understood. */
final class ClusterSources {
    /** Asked in this order; the first that recognises a text reads it. */
    static final List<ClusterSource> ALL = List.of(
            new NftJson(),
            // Before JSON, which objects in YAML hold in annotations.
            new KubernetesYaml(),
            new KubernetesJson(),
            new IptablesSave(),
            new NftRuleset(),
            new IpvsList(),
            new ConntrackList(),
            new IpTool());

    private ClusterSources() {
    }

    /** The source that recognises the text; null if none does. */
    static ClusterSource of(String head) {
        for (ClusterSource source : ALL) {
            if (source.recognises(head)) {
                return source;
            }
        }
        return null;
    }
}
