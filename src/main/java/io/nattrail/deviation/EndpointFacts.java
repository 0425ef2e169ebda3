package io.nattrail.deviation;

/** What became of the flows to one endpoint. */
public final class EndpointFacts {
    private int delivered;
    private int replied;
    private long lastAnsweredStart = Long.MIN_VALUE;

    void add(FlowFact fact) {
        delivered += fact.delivered() ? 1 : 0;
        replied += fact.replied() ? 1 : 0;
        lastAnsweredStart = fact.replied() ? Math.max(lastAnsweredStart, fact.start()) : lastAnsweredStart;
    }

    /** When the last flow began that it answered, on the common clock; MIN_VALUE if it answered none. */
    public long lastAnsweredStart() {
        return lastAnsweredStart;
    }

    /** Requests seen at its bridge or pod. */
    public int delivered() {
        return delivered;
    }

    /** Flows that it answered. */
    public int replied() {
        return replied;
    }
}
