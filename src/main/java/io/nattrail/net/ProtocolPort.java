package io.nattrail.net;

/** A port of one protocol, whatever the address: what a node port is. */
public record ProtocolPort(Protocol protocol, int port) {
}
