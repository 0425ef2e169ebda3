package io.nattrail.cluster;

import io.nattrail.net.Endpoint;
import io.nattrail.net.IpAddress;
import io.nattrail.net.Protocol;
import java.util.ArrayList;
import java.util.List;

/** A rule of a chain, reduced to what decides where packets for services go. Filled while it is parsed. */
final class ChainRule {
    /** Which packets a rule is for, beyond protocol and destination. */
    enum When {
        ALWAYS,
        /** One packet in so many, or those of a client that had this endpoint before: each such rule leads to one endpoint of several. */
        CHOICE,
        /** Only packets of some sources. */
        SOME_SOURCES
    }

    final String chain;
    When when = When.ALWAYS;

    /** Null if it is for all. */
    Protocol protocol;

    /** The one address that it is for; null if it is for others, too. */
    IpAddress destination;

    /** The destination port; 0 if it is for all. */
    int port;

    /** Whether it is only for packets to the node's own addresses. */
    boolean toLocal;
    String comment;

    /** Destination of its DNAT, or null. */
    Endpoint to;

    /** Chains it leads to; several of a verdict map. */
    final List<String> targets = new ArrayList<>(1);

    /** What it does with packets itself, or null. */
    ClusterState.Fate fate;

    ChainRule(String chain) {
        this.chain = chain;
    }

    void onlySomeSources() {
        when = When.SOME_SOURCES;
    }

    void choice() {
        if (when == When.ALWAYS) {
            when = When.CHOICE;
        }
    }

    boolean isForAddressAndPort() {
        return protocol != null && destination != null && port > 0;
    }

    boolean isForNodePort() {
        return protocol != null && destination == null && toLocal && port > 0;
    }
}
