package io.nattrail.serve;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;

/**
 * How a server is to run.
 *
 * @param bind address to listen on
 * @param port 0 for any that is free
 * @param data folder for the cases, made if needed and private to the user
 * @param token secret that clients must show, or null if everyone on this machine may use the server
 * @param hosts further names under which browsers may call it
 * @param jobs cases analyzed at the same time
 * @param version of NatTrail
 */
public record ServeSettings(InetAddress bind, int port, Path data, String token, List<String> hosts, int jobs, Limits limits,
        String version) {
    /** Shorter secrets can be guessed. */
    public static final int LEAST_TOKEN_LENGTH = 16;

    public ServeSettings {
        hosts = List.copyOf(hosts);
        if (token == null && !bind.isLoopbackAddress()) {
            throw new IllegalArgumentException("other machines reach " + bind.getHostAddress() + ": a token is needed");
        }
        if (token != null && token.length() < LEAST_TOKEN_LENGTH) {
            throw new IllegalArgumentException("the token has " + token.length() + " characters; it needs " + LEAST_TOKEN_LENGTH);
        }
        if (jobs < 1) {
            throw new IllegalArgumentException("jobs must be at least 1, not " + jobs);
        }
    }
}
