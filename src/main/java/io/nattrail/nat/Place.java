package io.nattrail.nat;

import io.nattrail.leg.Direction;

/**
 * Where a flow's packets pass on their path: one capture point under one level of translation. Answers may show there under another tuple
 * than requests (a bridge sees a local pod's answers half translated).
 *
 * @param point number of the capture point
 * @param level level of the requests' tuple; 0 is the client's own
 * @param requestLeg index of the leg with the requests, of which it has some that are no RST; -1 if the place shows none
 * @param replyLeg index of the leg with the answers, of which it has some; -1 if the place shows none
 */
public record Place(int point, int level, int requestLeg, int replyLeg) {
    /** The leg with the packets of a direction, or -1. */
    int leg(Direction direction) {
        return direction == Direction.REQUEST ? requestLeg : replyLeg;
    }
}
