package io.nattrail.deviation;

import io.nattrail.leg.Direction;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.Spot;

/** What became of the flows to the pods of one node, from another node. */
public final class NodeFacts {
    private int sent;
    private int reached;
    private int delivered;
    private int arrived;
    private int answered;
    private int cameBack;

    /** Takes a flow in that the entry node sent there. */
    void add(FlowTrace trace, FlowFact fact) {
        boolean atInterface = trace.seen(Spot.TARGET_ETH0, Direction.REQUEST);
        boolean answeredThere = trace.seen(Spot.TARGET_ETH0, Direction.REPLY) || trace.seen(Spot.TARGET_BRIDGE, Direction.REPLY)
                || trace.seen(Spot.ENDPOINT_POD, Direction.REPLY);
        sent++;
        delivered += fact.delivered() || fact.replied() ? 1 : 0;
        reached += fact.delivered() || fact.replied() || atInterface ? 1 : 0;
        answered += answeredThere ? 1 : 0;
        arrived += answeredThere || fact.delivered() || atInterface || fact.answered() ? 1 : 0;
        cameBack += trace.seen(Spot.ENTRY_OUT, Direction.REPLY) || fact.answered() ? 1 : 0;
    }

    public int sent() {
        return sent;
    }

    /** Flows that came to the node, if only to its interface. */
    public int reached() {
        return reached;
    }

    public int delivered() {
        return delivered;
    }

    /** Flows that came to the node for certain: seen there, or established. A refusal seen elsewhere may be somebody else's. */
    public int arrived() {
        return arrived;
    }

    /** Flows whose answer was seen on that node. */
    public int answered() {
        return answered;
    }

    /** Flows whose answer was seen again at the entry node. */
    public int cameBack() {
        return cameBack;
    }
}
