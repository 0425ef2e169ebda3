package io.nattrail.cluster;

import io.nattrail.net.Endpoint;
import io.nattrail.net.FiveTuple;
import io.nattrail.net.IpAddress;
import io.nattrail.net.Protocol;
import java.io.IOException;
import java.io.Reader;

/**
 * Entries ({@code conntrack -L}, {@code /proc/net/nf_conntrack}) and events ({@code conntrack -E}), with or without {@code -o extended},
 * {@code id}, {@code timestamp}:
 *
 * <pre>
 * ipv4     2 tcp      6 431999 ESTABLISHED src=A dst=B sport=1 dport=2 src=C dst=D sport=3 dport=4 [ASSURED] mark=0 use=1
 * [1795480062.093669]     [NEW] tcp      6 120 SYN_SENT src=A dst=B sport=1 dport=2 [UNREPLIED] src=C dst=D sport=3 dport=4 id=5
 * icmp     1 29 src=A dst=B type=8 code=0 id=7 src=C dst=D type=0 code=0 id=7 mark=0 use=1
 * </pre>
 */
final class ConntrackList implements ClusterSource {
    @Override
    public String name() {
        return "conntrack";
    }

    @Override
    public boolean recognises(String head) {
        Entry entry = new Entry();
        DumpFacts none = new DumpFacts("");
        for (int at = 0, line = 0; at < head.length() && line < LINES_ASKED; line++) {
            int end = head.indexOf('\n', at);
            end = end < 0 ? head.length() : end;
            Entry.Kind kind = entry.parse(head.substring(at, end), none);
            // What it says at the end tells of an empty table, too.
            if (kind == Entry.Kind.CONNECTION || kind == Entry.Kind.OTHER || kind == Entry.Kind.COUNT) {
                return true;
            }
            at = end + 1;
        }
        return false;
    }

    @Override
    public void read(Reader text, DumpFacts facts) throws IOException {
        Lines lines = new Lines(text);
        Entry entry = new Entry();
        long junk = 0;
        long firstJunk = 0;
        try {
            for (String line = lines.next(); line != null; line = lines.next()) {
                switch (entry.parse(line, facts)) {
                    case CONNECTION -> facts.connections.add(entry.connection());
                    case JUNK -> {
                        if (junk++ == 0) {
                            firstJunk = lines.number();
                        }
                    }
                    case MESSAGE -> facts.note("conntrack says \"" + PlainName.of(line.substring(line.indexOf(": ") + 2).strip())
                            + "\"; entries may be missing");
                    // IGMP, GRE and others that are not followed.
                    case OTHER, BLANK, COUNT -> {
                    }
                }
            }
        } finally {
            facts.noteCount(junk, "line is no conntrack entry and was passed over: line " + firstJunk,
                    "lines are no conntrack entries and were passed over, the first is line " + firstJunk);
        }
    }

    /** The fields of a line, in one pass over it. */
    private static final class Entry {
        enum Kind {
            CONNECTION, OTHER, BLANK, JUNK,
            /** How many entries or events were shown. */
            COUNT,
            /** Another word of conntrack's own: what failed. */
            MESSAGE
        }

        private final IpAddress[] source = new IpAddress[2];
        private final IpAddress[] destination = new IpAddress[2];
        private final int[] sourcePort = new int[2];
        private final int[] destinationPort = new int[2];
        private final int[] identifier = new int[2];
        private Protocol protocol;
        private boolean otherProtocol;
        private boolean bad;
        private Long timeNanos;
        private String event;
        private String state;
        private int tuple;

        Kind parse(String line, DumpFacts facts) {
            clear();
            boolean blank = true;
            int words = 0;
            String previous = "";
            for (int at = 0; at < line.length();) {
                while (at < line.length() && line.charAt(at) <= ' ') {
                    at++;
                }
                int start = at;
                while (at < line.length() && line.charAt(at) > ' ') {
                    at++;
                }
                if (start == at) {
                    break;
                }
                blank = false;
                String word = line.substring(start, at);
                take(word, previous, facts);
                previous = word;
                // The tuples come first; a line that goes on without any is not conntrack's.
                if (tuple < 0 && ++words > 12) {
                    break;
                }
            }
            if (blank) {
                return Kind.BLANK;
            }
            if (line.startsWith("conntrack v") && line.contains(": ")) {
                boolean count = line.contains("flow entries have been shown") || line.contains("flow events have been shown");
                return count ? Kind.COUNT : Kind.MESSAGE;
            }
            if (bad || tuple != 1 || destination[0] == null || destination[1] == null) {
                return Kind.JUNK;
            }
            if (protocol == null) {
                return otherProtocol ? Kind.OTHER : Kind.JUNK;
            }
            return portsTold() ? Kind.CONNECTION : Kind.JUNK;
        }

        private void clear() {
            for (int i = 0; i < 2; i++) {
                source[i] = null;
                destination[i] = null;
                sourcePort[i] = -1;
                destinationPort[i] = -1;
                identifier[i] = -1;
            }
            protocol = null;
            otherProtocol = false;
            bad = false;
            timeNanos = null;
            event = null;
            state = null;
            tuple = -1;
        }

        private void take(String word, String previous, DumpFacts facts) {
            int equals = word.indexOf('=');
            if (equals > 0) {
                field(word, equals, facts);
            } else if (word.charAt(0) == '[') {
                bracket(word);
            } else if (tuple < 0) {
                head(word, previous);
            }
        }

        /**
         * Before the tuples: family and its number, protocol and its number, seconds left, TCP state. A log puts the time and names before
         * them.
         */
        private void head(String word, String previous) {
            if (protocol != null) {
                state = word.charAt(0) >= 'A' && word.charAt(0) <= 'Z' ? word : state;
            } else if (!previous.isEmpty() && previous.charAt(0) >= 'a' && previous.charAt(0) <= 'z' && Values.number(word) >= 0
                    && !previous.equals("ipv4") && !previous.equals("ipv6")) {
                protocol = Values.protocol(word);
                otherProtocol = protocol == null;
            }
        }

        private void bracket(String word) {
            switch (word) {
                case "[NEW]" -> event = "NEW";
                case "[UPDATE]" -> event = "UPDATE";
                case "[DESTROY]" -> event = "DESTROY";
                default -> {
                    if (tuple < 0 && timeNanos == null) {
                        timeNanos = time(word);
                    }
                }
            }
        }

        private void field(String word, int equals, DumpFacts facts) {
            String value = word.substring(equals + 1);
            switch (word.substring(0, equals)) {
                case "src" -> {
                    if (tuple == 1) {
                        bad = true;
                    } else {
                        tuple++;
                        source[tuple] = address(value, facts);
                    }
                }
                case "dst" -> {
                    if (tuple >= 0 && destination[tuple] == null) {
                        destination[tuple] = address(value, facts);
                    } else {
                        bad = true;
                    }
                }
                case "sport" -> put(sourcePort, value);
                case "dport" -> put(destinationPort, value);
                // ICMP's; the number of the entry itself comes last, under the same name.
                case "id" -> {
                    if (tuple >= 0 && identifier[tuple] < 0 && isIcmp()) {
                        put(identifier, value);
                    }
                }
                default -> {
                }
            }
        }

        private IpAddress address(String value, DumpFacts facts) {
            IpAddress address = facts.address(value);
            bad |= address == null;
            return address;
        }

        private void put(int[] ports, String value) {
            int port = Values.port(value);
            if (tuple < 0 || port < 0) {
                bad = true;
            } else if (ports[tuple] < 0) {
                ports[tuple] = port;
            }
        }

        private boolean isIcmp() {
            return protocol == Protocol.ICMP || protocol == Protocol.ICMPV6;
        }

        private boolean portsTold() {
            if (isIcmp()) {
                return identifier[0] >= 0 && identifier[1] >= 0;
            }
            return sourcePort[0] >= 0 && destinationPort[0] >= 0 && sourcePort[1] >= 0 && destinationPort[1] >= 0;
        }

        DumpFacts.Listed connection() {
            return new DumpFacts.Listed(tuple(0), tuple(1), timeNanos, event, state);
        }

        private FiveTuple tuple(int i) {
            boolean icmp = isIcmp();
            return new FiveTuple(protocol, new Endpoint(source[i], icmp ? identifier[i] : sourcePort[i]),
                    new Endpoint(destination[i], icmp ? identifier[i] : destinationPort[i]));
        }

        /** {@code [1795480062.093669]}: seconds since 1970 and microseconds; null if it is something else. */
        private static Long time(String word) {
            int dot = word.indexOf('.');
            if (dot < 2 || !word.endsWith("]")) {
                return null;
            }
            long seconds = Values.number(word.substring(1, dot));
            String fraction = word.substring(dot + 1, word.length() - 1);
            long part = Values.number(fraction);
            if (seconds < 0 || seconds > Long.MAX_VALUE / 1_000_000_000 - 1 || part < 0 || fraction.length() > 9) {
                return null;
            }
            for (int i = fraction.length(); i < 9; i++) {
                part *= 10;
            }
            return seconds * 1_000_000_000 + part;
        }
    }
}
