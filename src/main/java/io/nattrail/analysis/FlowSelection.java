package io.nattrail.analysis;

import io.nattrail.net.Cidr;
import io.nattrail.net.Endpoint;
import io.nattrail.net.IpAddress;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.List;

/**
 * Which flows the user wants to hear of. Of every list that is not empty one entry must fit; what is unknown fits none.
 *
 * @param clients who opened the connection
 * @param services what was called: the address that the client used, the ClusterIP or the service's name
 * @param endpoints who was chosen: its address or the pod's name
 * @param period when
 */
public record FlowSelection(List<Pattern> clients, List<Pattern> services, List<Pattern> endpoints, Period period) {
    /** Every flow. */
    public static final FlowSelection ALL = new FlowSelection(List.of(), List.of(), List.of(), Period.ALWAYS);

    public FlowSelection {
        clients = List.copyOf(clients);
        services = List.copyOf(services);
        endpoints = List.copyOf(endpoints);
    }

    /** Whether a flow is wanted. */
    public boolean accepts(FlowResult flow) {
        FlowResult.FlowEndpoint endpoint = flow.endpoint();
        return period.meets(flow.startNanos(), flow.endNanos())
                && (clients.isEmpty() || fits(clients, flow.client(), null))
                && (services.isEmpty() || fits(services, flow.service(), flow.serviceName()) || fits(services, flow.clusterIp(), null))
                && (endpoints.isEmpty() || endpoint != null && fits(endpoints, endpoint.address(), endpoint.pod()));
    }

    private static boolean fits(List<Pattern> patterns, Endpoint endpoint, String name) {
        for (Pattern pattern : patterns) {
            if (pattern.fits(endpoint, name)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Addresses, perhaps with a port, or a name.
     *
     * @param addresses null for any
     * @param port -1 for any
     * @param name namespace/name as in the cluster, or null
     */
    public record Pattern(Cidr addresses, int port, String name) {
        /**
         * Parses {@code 10.0.0.1}, {@code 10.0.0.0/24}, {@code 10.0.0.1:80}, {@code [fd00::1]:80}, {@code fd00::/64}, {@code :80}, or else
         * {@code namespace/name}.
         *
         * @throws IllegalArgumentException if the text is none of these
         */
        public static Pattern parse(String text) {
            if (text.matches(":[0-9]{1,5}")) {
                return new Pattern(null, Endpoint.parse("0.0.0.0" + text).port(), null);
            }
            if (text.matches("[a-z0-9.-]*[a-z][a-z0-9.-]*/[a-z0-9.:-]+")) {
                return new Pattern(null, -1, text);
            }
            if (text.matches("[a-z0-9-]*[g-z-][a-z0-9-]*")) {
                throw new IllegalArgumentException("'" + text + "' is no IP address; a name goes with its namespace, as in default/"
                        + text);
            }
            if (text.matches("\\[.*]:[0-9]+") || text.indexOf(':') >= 0 && text.indexOf(':') == text.lastIndexOf(':')) {
                Endpoint endpoint = Endpoint.parse(text);
                return new Pattern(Cidr.parse(endpoint.address().toString()), endpoint.port(), null);
            }
            return new Pattern(text.contains("/") ? Cidr.parse(text) : Cidr.parse(IpAddress.parse(text).toString()), -1, null);
        }

        boolean fits(Endpoint endpoint, String itsName) {
            if (name != null) {
                // A service's name goes on with its port's: default/web fits default/web:https.
                return itsName != null && (itsName.equals(name) || itsName.startsWith(name + ":"));
            }
            return endpoint != null && (addresses == null || addresses.contains(endpoint.address()))
                    && (port < 0 || port == endpoint.port());
        }
    }

    /**
     * A span of time.
     *
     * @param fromNanos nanoseconds since 1970, or since midnight if daily
     * @param toNanos the same, included
     * @param daily whether it means these hours of any day, UTC
     */
    public record Period(long fromNanos, long toNanos, boolean daily) {
        static final Period ALWAYS = new Period(Long.MIN_VALUE, Long.MAX_VALUE, false);

        private static final long DAY = 86_400_000_000_000L;

        /**
         * Parses {@code FROM..TO}, both as {@code 2026-11-23T15:34:12.5Z} or both as {@code 15:34:12.5} of any day, in UTC; either may be
         * left out.
         *
         * @throws IllegalArgumentException if the text is no such span, or ends before it begins
         */
        public static Period parse(String text) {
            int dots = text.indexOf("..");
            if (dots < 0 || text.length() == 2) {
                throw new IllegalArgumentException("'" + text + "' is not FROM..TO");
            }
            String from = time(text.substring(0, dots));
            String to = time(text.substring(dots + 2));
            boolean daily = !from.contains("T") && !to.contains("T");
            try {
                long start = from.isEmpty() ? daily ? 0 : Long.MIN_VALUE : nanos(from, daily);
                long end = to.isEmpty() ? daily ? DAY - 1 : Long.MAX_VALUE : nanos(to, daily);
                if (start > end) {
                    throw new IllegalArgumentException("'" + text + "' ends before it begins");
                }
                return new Period(start, end, daily);
            } catch (DateTimeException | ArithmeticException e) {
                throw new IllegalArgumentException("'" + text + "' is not FROM..TO with times like 2026-11-23T15:34:12Z or 15:34:12", e);
            }
        }

        /** As reports print it for people, with a blank between the day and the time and with UTC, or as ISO 8601 has it. */
        private static String time(String text) {
            return text.strip().replaceFirst("^([0-9]{4}-[0-9]{2}-[0-9]{2}) ", "$1T").replaceFirst(" UTC$", "");
        }

        boolean meets(long start, long end) {
            if (!daily) {
                return end >= fromNanos && start <= toNanos;
            }
            long day = Math.floorDiv(start, DAY) * DAY;
            return end >= day + fromNanos && start <= day + toNanos || end >= day + DAY + fromNanos;
        }

        private static long nanos(String text, boolean daily) {
            if (daily) {
                return LocalTime.parse(text).toNanoOfDay();
            }
            Instant instant = text.endsWith("Z") ? Instant.parse(text) : LocalDateTime.parse(text).toInstant(ZoneOffset.UTC);
            return Math.addExact(Math.multiplyExact(instant.getEpochSecond(), 1_000_000_000L), instant.getNano());
        }
    }
}
