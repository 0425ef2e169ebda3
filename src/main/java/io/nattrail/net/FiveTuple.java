package io.nattrail.net;

/** Protocol, source and destination, as the opener of the connection sent it. */
public record FiveTuple(Protocol protocol, Endpoint source, Endpoint destination) {
    /** The tuple of the answers. */
    public FiveTuple reversed() {
        return new FiveTuple(protocol, destination, source);
    }

    @Override
    public String toString() {
        return source + " -> " + destination;
    }

    // By hand: what a compiler makes of a record runs through method handles, at every start and in every map.

    @Override
    public boolean equals(Object other) {
        return other instanceof FiveTuple that && protocol == that.protocol && source.equals(that.source)
                && destination.equals(that.destination);
    }

    @Override
    public int hashCode() {
        return (31 * protocol.number() + source.hashCode()) * 31 + destination.hashCode();
    }
}
