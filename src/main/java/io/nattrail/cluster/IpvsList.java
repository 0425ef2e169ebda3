package io.nattrail.cluster;

import io.nattrail.net.Endpoint;
import io.nattrail.net.Protocol;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code ipvsadm -Ln} (also with {@code --stats} or {@code --rate}) and {@code ipvsadm -Sn}:
 *
 * <pre>
 * TCP  172.31.0.5:443 rr persistent 10800
 *   -> 10.244.0.3:8443              Masq    1      0          0
 * -A -t 172.31.0.5:443 -s rr
 * -a -t 172.31.0.5:443 -r 10.244.0.3:8443 -m -w 1
 * </pre>
 */
final class IpvsList implements ClusterSource {
    @Override
    public String name() {
        return "ipvsadm -Ln";
    }

    @Override
    public boolean recognises(String head) {
        boolean server = false;
        for (int at = 0, line = 0; at < head.length() && line < LINES_ASKED; line++) {
            int end = head.indexOf('\n', at);
            end = end < 0 ? head.length() : end;
            String text = end - at < 256 ? head.substring(at, end) : "";
            List<String> words = words(text);
            if (text.startsWith("IP Virtual Server version") || words.size() >= 3 && words.get(0).equals("-A") && isOption(words.get(1))
                    && Values.endpoint(words.get(2)) != null) {
                return true;
            }
            if (server && words.size() >= 2 && words.get(0).equals("->") && Values.endpoint(words.get(1)) != null) {
                return true;
            }
            server = words.size() >= 2 && transport(words.get(0)) != null && Values.endpoint(words.get(1)) != null;
            at = end + 1;
        }
        return false;
    }

    @Override
    public void read(Reader text, DumpFacts facts) throws IOException {
        Lines lines = new Lines(text);
        long junk = 0;
        long firstJunk = 0;
        List<Endpoint> endpoints = null;
        try {
            for (String line = lines.next(); line != null; line = lines.next()) {
                List<String> words = words(line.length() > 1024 ? line.substring(0, 1024) : line);
                if (words.isEmpty() || isHeading(line)) {
                    continue;
                }
                Protocol protocol = words.size() >= 2 ? transport(words.get(0)) : null;
                Endpoint front = protocol == null ? null : Values.endpoint(words.get(1));
                Endpoint real = words.size() >= 2 && words.get(0).equals("->") ? Values.endpoint(words.get(1)) : null;
                if (front != null) {
                    endpoints = begin(facts, protocol, front);
                } else if (real != null && endpoints != null) {
                    // A weight of 0 means that it gets no new connections: so kube-proxy drains a terminating endpoint.
                    if (words.size() < 4 || !words.get(3).equals("0") || isStatistics(words)) {
                        endpoints.add(real);
                    }
                } else if (isOption(words.size() >= 2 ? words.get(1) : "") && saved(facts, words)) {
                    endpoints = null;
                } else if (words.get(0).equals("FWM")) {
                    // A firewall mark is not an address: its real servers do not belong to the virtual server before it.
                    endpoints = new ArrayList<>();
                } else {
                    firstJunk = junk++ == 0 ? lines.number() : firstJunk;
                }
            }
        } finally {
            facts.noteCount(junk, "line is nothing that ipvsadm prints and was passed over: line " + firstJunk,
                    "lines are nothing that ipvsadm prints and were passed over, the first is line " + firstJunk);
        }
    }

    private static List<Endpoint> begin(DumpFacts facts, Protocol protocol, Endpoint front) {
        List<Endpoint> endpoints = new ArrayList<>();
        facts.virtualServers.add(new DumpFacts.VirtualServer(protocol, front, endpoints));
        return endpoints;
    }

    /** {@code -A} begins a virtual server, {@code -a} adds to the one before. */
    private static boolean saved(DumpFacts facts, List<String> words) {
        Protocol protocol = transport(words.get(1));
        Endpoint front = words.size() >= 3 ? Values.endpoint(words.get(2)) : null;
        if (front == null) {
            return false;
        }
        if (words.get(0).equals("-A")) {
            begin(facts, protocol, front);
            return true;
        }
        int last = facts.virtualServers.size() - 1;
        if (!words.get(0).equals("-a") || last < 0 || !facts.virtualServers.get(last).front().equals(front)
                || facts.virtualServers.get(last).protocol() != protocol) {
            return false;
        }
        Endpoint real = value(words, "-r");
        if (real != null && !"0".equals(text(words, "-w"))) {
            facts.virtualServers.get(last).endpoints().add(real);
        }
        return true;
    }

    private static Endpoint value(List<String> words, String option) {
        return Values.endpoint(text(words, option));
    }

    private static String text(List<String> words, String option) {
        int at = words.indexOf(option);
        return at >= 0 && at + 1 < words.size() ? words.get(at + 1) : null;
    }

    private static boolean isHeading(String line) {
        return line.startsWith("IP Virtual Server") || line.startsWith("Prot ") || line.startsWith("  -> RemoteAddress");
    }

    /** With {@code --stats} the columns are counters, which tell no weight. */
    private static boolean isStatistics(List<String> words) {
        return words.size() >= 3 && Values.number(words.get(2)) >= 0;
    }

    private static boolean isOption(String word) {
        return word.equals("-t") || word.equals("-u") || word.equals("--sctp-service");
    }

    private static Protocol transport(String word) {
        return switch (word) {
            case "TCP", "-t" -> Protocol.TCP;
            case "UDP", "-u" -> Protocol.UDP;
            case "SCTP", "--sctp-service" -> Protocol.SCTP;
            default -> null;
        };
    }

    private static List<String> words(String line) {
        return Words.of(line);
    }
}
