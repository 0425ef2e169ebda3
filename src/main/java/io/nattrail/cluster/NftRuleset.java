package io.nattrail.cluster;

import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * {@code nft list ruleset} as text, also with handles ({@code -a}):
 *
 * <pre>
 * table ip kube-proxy {
 *     map service-ips {
 *         type ipv4_addr . inet_proto . inet_service : verdict
 *         elements = { 172.31.0.5 . tcp . 443 : goto service-PET3V2EF-default/web/tcp/https }
 *     }
 *     chain endpoint-35L7OA2E-default/web/tcp/https__10.244.0.3/8443 {
 *         ip saddr 10.244.0.3 jump mark-for-masquerade
 *         meta l4proto tcp dnat to 10.244.0.3:8443
 *     }
 * }
 * </pre>
 */
final class NftRuleset implements ClusterSource {
    /** Words of one rule or element; a rule that goes on longer is damaged. A verdict map has three for each endpoint. */
    private static final int LONGEST = 1 << 20;

    @Override
    public String name() {
        return "nft list ruleset";
    }

    @Override
    public boolean recognises(String head) {
        for (int at = 0; at < head.length();) {
            int end = head.indexOf('\n', at);
            end = end < 0 ? head.length() : end;
            if (head.startsWith("table ", at) && end - at < 512) {
                List<String> words = words(head.substring(at, end));
                if (words.size() >= 4 && isFamily(words.get(1)) && words.get(3).equals("{")) {
                    return true;
                }
            }
            at = end + 1;
        }
        return false;
    }

    private static boolean isFamily(String word) {
        return switch (word) {
            case "ip", "ip6", "inet", "arp", "bridge", "netdev" -> true;
            default -> false;
        };
    }

    @Override
    public void read(Reader text, DumpFacts facts) throws IOException {
        Parser parser = new Parser(facts);
        try {
            Lines lines = new Lines(text);
            for (String line = lines.next(); line != null; line = lines.next()) {
                parser.line(line);
            }
        } finally {
            parser.end();
        }
    }

    /**
     * The words of a line: braces, commas and semicolons are words of their own, a quoted text is one word that begins with the quote. A
     * line that begins with {@code #} has none, and {@code # handle 7} ends one; elsewhere it stands before an extension of iptables, as
     * nft up to 1.0.5 shows it, and the rest of the rule goes on behind.
     */
    static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        int start = -1;
        for (int at = 0; at <= line.length(); at++) {
            char c = at < line.length() ? line.charAt(at) : ' ';
            boolean mark = c == '{' || c == '}' || c == ',' || c == ';';
            if (c <= ' ' || mark || c == '"' || c == '#') {
                if (start >= 0) {
                    words.add(line.substring(start, at));
                    start = -1;
                }
                if (c == '#' && (words.isEmpty() || line.startsWith("# handle ", at))) {
                    break;
                }
                if (mark) {
                    words.add(String.valueOf(c));
                } else if (c == '"') {
                    int end = line.indexOf('"', at + 1);
                    end = end < 0 ? line.length() : end;
                    words.add(line.substring(at, end));
                    at = end;
                }
            } else if (start < 0) {
                start = at;
            }
        }
        return words;
    }

    /** Where in the ruleset a line is. A line that begins a table, chain, set or map does so wherever it stands: damage ends there. */
    private static final class Parser {
        private final DumpFacts facts;
        private final NftTables tables;
        private final List<String> pending = new ArrayList<>();
        private String family = "";
        private String table = "";
        private String chain;
        private String map;
        private boolean inElements;
        private int depth;

        Parser(DumpFacts facts) {
            this.facts = facts;
            this.tables = new NftTables(facts);
        }

        void line(String line) {
            List<String> words = words(line);
            if (words.isEmpty()) {
                return;
            }
            String first = words.get(0);
            boolean opens = words.get(words.size() - 1).equals("{");
            if (opens && first.equals("table") && words.size() >= 4) {
                leave();
                family = words.get(1);
                table = words.get(2);
                depth = 1;
            } else if (opens && depth > 0 && words.size() == 3 && (first.equals("chain") || first.equals("set") || first.equals("map"))) {
                leave();
                chain = first.equals("chain") ? words.get(1) : null;
                map = first.equals("chain") ? null : words.get(1);
                depth = 2;
            } else if (chain != null && NftTables.isKubes(table)) {
                chainLine(words);
            } else if (map != null && NftTables.isKubes(table)) {
                mapLine(words);
            } else {
                // The table's end, or what is not used: counters, flowtables, other tables.
                depth = Math.max(0, depth + opened(words));
            }
        }

        /** How many more braces are opened than closed. */
        private static int opened(List<String> words) {
            int opened = 0;
            for (String word : words) {
                opened += word.equals("{") ? 1 : word.equals("}") ? -1 : 0;
            }
            return opened;
        }

        private void chainLine(List<String> words) {
            if (pending.isEmpty() && words.get(0).equals("}")) {
                leave();
                return;
            }
            depth += opened(words);
            if (pending.size() + words.size() <= LONGEST) {
                pending.addAll(words);
            }
            if (depth <= 2) {
                depth = 2;
                if (!pending.isEmpty() && !pending.get(0).equals("type") && !pending.get(0).equals("policy")) {
                    rule(pending);
                }
                pending.clear();
            }
        }

        private void mapLine(List<String> words) {
            for (int i = 0; i < words.size(); i++) {
                String word = words.get(i);
                if (!inElements) {
                    if (word.equals("}")) {
                        leave();
                        return;
                    }
                    inElements = word.equals("{") && i >= 2 && words.get(i - 2).equals("elements");
                } else if (word.equals("}")) {
                    element();
                    inElements = false;
                } else if (word.equals(",")) {
                    element();
                } else if (pending.size() < LONGEST) {
                    pending.add(word);
                }
            }
        }

        private void leave() {
            pending.clear();
            chain = null;
            map = null;
            inElements = false;
            depth = Math.min(depth, 1);
        }

        void end() {
            if (depth > 0) {
                facts.note("ends inside a table; the rest is missing");
            }
            tables.tell();
        }

        /** {@code 172.31.0.9 . tcp . 443 comment "default/empty:https" : goto reject-chain} */
        private void element() {
            List<String> key = new ArrayList<>(3);
            String comment = null;
            String target = null;
            ClusterState.Fate fate = null;
            boolean inKey = true;
            boolean inVerdict = false;
            for (int i = 0; i < pending.size(); i++) {
                String word = pending.get(i);
                String next = i + 1 < pending.size() ? pending.get(i + 1) : "";
                switch (word) {
                    case "." -> {
                    }
                    case ":" -> {
                        inKey = false;
                        inVerdict = true;
                    }
                    case "comment" -> {
                        inKey = false;
                        comment = unquoted(next);
                    }
                    case "goto", "jump" -> target = inVerdict ? next : target;
                    case "drop" -> fate = inVerdict && target == null ? ClusterState.Fate.DROP : fate;
                    case "counter", "timeout", "expires" -> inKey = false;
                    default -> {
                        if (inKey && key.size() < 8) {
                            key.add(word);
                        }
                    }
                }
            }
            pending.clear();
            if (!key.isEmpty()) {
                tables.add(family, table, map, new NftTables.Element(key, comment, target, fate));
            }
        }

        private void rule(List<String> words) {
            ChainRule rule = new ChainRule(chain);
            boolean hidden = false;
            for (int i = 0; i < words.size(); i++) {
                String word = words.get(i);
                String next = i + 1 < words.size() ? words.get(i + 1) : "";
                switch (word) {
                    case "saddr" -> source(rule, next);
                    case "daddr" -> destination(rule, words, i, next);
                    case "iif", "iifname" -> rule.onlySomeSources();
                    case "mark" -> {
                        if (!next.equals("set")) {
                            rule.onlySomeSources();
                        }
                    }
                    case "numgen" -> rule.choice();
                    case "l4proto", "protocol" -> rule.protocol = Values.protocol(next);
                    case "dport" -> {
                        rule.port = Math.max(0, Values.port(next));
                        rule.protocol = rule.protocol == null && i > 0 ? Values.protocol(words.get(i - 1)) : rule.protocol;
                    }
                    case "jump", "goto" -> rule.targets.add(next);
                    case "dnat" -> rule.to = Values.endpoint(next.equals("to") ? wordAt(words, i + 2) : wordAt(words, i + 3));
                    case "reject" -> rule.fate = ClusterState.Fate.REJECT;
                    case "drop" -> rule.fate = ClusterState.Fate.DROP;
                    case "comment" -> {
                        rule.comment = unquoted(next);
                        i++;
                    }
                    case "xt" -> hidden |= extension(rule, next, unquoted(wordAt(words, i + 2)));
                    // As nft up to 1.0.5 shows extensions: "# recent: CHECK seconds: 10800", or "# xt_recent" without libxtables.
                    case "recent:", "statistic" -> rule.choice();
                    default -> {
                        if (word.startsWith("xt_") && word.length() > 3) {
                            String name = word.substring(3);
                            hidden |= extension(rule, Character.isUpperCase(name.charAt(0)) ? "target" : "match", name);
                        }
                    }
                }
            }
            tables.add(family, table, rule, hidden);
        }

        private static void source(ChainRule rule, String next) {
            if (next.startsWith("@affinity-")) {
                rule.choice();
            } else {
                // Also of "fib saddr type local": packets of the node itself.
                rule.onlySomeSources();
            }
        }

        private static void destination(ChainRule rule, List<String> words, int i, String next) {
            if (i > 0 && words.get(i - 1).equals("fib") || next.startsWith("@nodeport-ips")) {
                rule.toLocal = true;
            } else if (next.equals("!=")) {
                rule.onlySomeSources();
            } else {
                rule.destination = Values.host(next);
            }
        }

        private static String wordAt(List<String> words, int i) {
            return i < words.size() ? words.get(i) : "";
        }

        private static String unquoted(String word) {
            return word.startsWith("\"") ? word.substring(1) : word;
        }
    }

    /**
     * An extension of iptables that nft cannot put into its own words.
     *
     * @return whether it hides what the rule is for or what it does
     */
    static boolean extension(ChainRule rule, String kind, String name) {
        if (kind.equals("target")) {
            return name.toUpperCase(Locale.ROOT).equals("DNAT");
        }
        switch (name) {
            case "comment" -> {
                return false;
            }
            case "statistic", "recent" -> {
                rule.choice();
                return false;
            }
            case "tcp", "udp", "sctp" -> {
                return rule.port == 0 && (rule.chain.equals("KUBE-SERVICES") || rule.chain.equals("KUBE-NODEPORTS")
                        || rule.chain.equals("KUBE-EXTERNAL-SERVICES"));
            }
            default -> {
                rule.onlySomeSources();
                return false;
            }
        }
    }
}
