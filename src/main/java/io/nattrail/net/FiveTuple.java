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
}
