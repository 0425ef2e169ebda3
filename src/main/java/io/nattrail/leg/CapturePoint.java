package io.nattrail.leg;

/**
 * A place where packets were captured.
 *
 * @param name the point's name in reports, e.g. {@code node1-eth0}
 * @param node the node it is on, or null for a client, or where nothing tells
 * @param concluded how the role was found: from the file's name, the command line, or the contents
 */
public record CapturePoint(String name, PointRole role, String node, String concluded) {
}
