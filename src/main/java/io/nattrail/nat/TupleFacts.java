package io.nattrail.nat;

import io.nattrail.net.FiveTuple;
import java.util.ArrayList;
import java.util.List;

/** What the legs of a group tell of one of its tuples, over all points. */
final class TupleFacts {
    /** Above every TTL. */
    static final int NO_TTL = 256;

    final FiveTuple tuple;
    /** Those that show it. */
    final List<LoadedLeg> legs = new ArrayList<>(3);
    boolean requests;
    boolean syn;
    /** Whether more than SYNs went this way, or a SYN-ACK or a RST came back; an old connection's ACK is no answer to a SYN. */
    boolean heard;
    /** Whether it is a second translation, in the place of another one. */
    boolean remapped;
    boolean relayed;
    boolean atCaller;
    boolean toItself;
    /** How often what goes under it was translated before; -1 until that is known. */
    int level = -1;
    int ttl = -1;
    int replyTtl = NO_TTL;
    long firstRequest = Long.MAX_VALUE;

    TupleFacts(FiveTuple tuple) {
        this.tuple = tuple;
    }
}
