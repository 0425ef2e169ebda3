package io.nattrail.analysis;

import io.nattrail.leg.PointRole;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A capture point's name and what it says: {@code client}, {@code node1-eth0}, {@code node2-cbr0}, {@code node1-any}, {@code pod}.
 *
 * @param role null if the name says nothing
 * @param node {@code node-1}, or null
 */
record PointName(String name, PointRole role, String node) {
    /** Of formats, compression, and of a ring's files: tcpdump -C appends a number, dumpcap puts number and time before the ending. */
    private static final Pattern SUFFIXES = Pattern.compile(
            "(?i)(\\.(pcapng|pcap|cap|dmp|ntar|gz|zst|zstd|lz4|[0-9]+|(pcapng|pcap|cap)[0-9]+)|[-_.]?[0-9]{5}_[0-9]{14})$");
    private static final Pattern OF_CAPTURE = Pattern.compile("(?i)\\.(pcapng|pcap|cap|dmp|ntar)([0-9]|\\.|$)");
    /** What tcpdump -G and people append to tell the files of a ring apart. */
    private static final Pattern ROTATION = Pattern.compile("[-_.][0-9][0-9TZtz_:.-]*$");
    /** A date or a time among it: no part of anybody's name, though {@code client-20261123} reads like one. */
    private static final Pattern TIME = Pattern.compile("[0-9]{7,}|[0-9]{4}-[0-9]{2}-[0-9]{2}|(?<![0-9])(?:"
            // Six digits may as well number a machine: 093000 and 261123 are a time and a date, 482913 is neither.
            + "(?:[01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]|[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]))(?![0-9])");
    private static final Pattern SEPARATORS = Pattern.compile("[-_.]+$");
    /** What can tell the files of a ring apart where nothing else tells what the name stands for: numbers also tell machines apart. */
    private static final Pattern OF_RING = Pattern.compile("(?<![0-9])("
            + "(19|20)[0-9]{2}-?(0[1-9]|1[0-2])-?[0-3][0-9]([0-2][0-9]([0-5][0-9]){0,2})?"
            + "|[12][0-9]{9}|([01][0-9]|2[0-3])([0-5][0-9]){2}|[0-9]{4,5})(?![0-9])");
    /** What people call a capture by that says nothing of where it was taken. */
    private static final String CAPTURE = "(?:tcpdump|dumpcap|tshark|wireshark|capture|captured|cap|pcap|dump|trace|sniff|traffic)";
    private static final Pattern AROUND = Pattern.compile("^(?:" + CAPTURE + "[-_. ])+|(?:[-_. ]" + CAPTURE + ")+$");
    private static final Pattern CLIENT = Pattern.compile("client(-[a-z0-9]+|_[a-z][a-z0-9]*)*");
    private static final Pattern POD = Pattern.compile("pod([-_][a-z][a-z0-9-]*|-[a-z0-9-]+)?");
    /** A word that tells of another place, or how places lie to each other: {@code node-of-pod}. */
    private static final String ELSEWHERE = "(?!.*\\b(node|worker|master|host|server|service|svc|gateway|gw|proxy|lb|nat|bridge"
            + "|of|to|from|and|no|side|before|behind|(cbr|cni|docker|veth|azv|cali|lxc)[0-9a-f]*|(node|worker|n|w)[0-9]+)\\b)";
    private static final Pattern SOME_CLIENT = Pattern.compile(ELSEWHERE + "(?!.*\\bpod\\b)(.+[ .])?client([ .](?![0-9]{4,}$).+)?");
    private static final Pattern SOME_POD = Pattern.compile(ELSEWHERE + "(?!.*\\bclient\\b).+[ .]pod");
    private static final String DEVICE = "(?:eth[0-9]+|ens[0-9]+|enp[0-9a-z]+|eno[0-9]+|bond[0-9]+"
            + "|cbr[0-9]+|cni[0-9]+|br[0-9]*|bridge|docker[0-9]+|any|(?:azv|veth|cali|lxc)[0-9a-f]+)";
    /** A node and its device; a node without a number of its own only with a device that is surely one. */
    private static final List<Pattern> NODE = List.of(
            Pattern.compile("(?<node>n(?:ode)?[-_]?[0-9]+)[-_.](?<device>.+)"),
            Pattern.compile("(?<node>n(?:ode)?[-_]?[0-9]+)(?<device>" + DEVICE + ")"),
            Pattern.compile("(?<node>.+?)[-_.](?<device>" + DEVICE + ")"),
            Pattern.compile("(?<device>" + DEVICE + ")[-_.@](?<node>(?:node|worker|n|w)[-_]?[0-9]+"
                    + "|(?=.*[0-9])(?:.*(?:node|worker|vmss)|ip-|gke-).*)"));
    private static final Pattern NUMBERED = Pattern.compile("n(?:ode)?[-_]?0*([0-9]+)");
    private static final Pattern BRIDGE = Pattern.compile(
            "cbr[0-9]+|cni[0-9]+|br[-0-9a-z]*|bridge|docker[0-9]+|virbr[0-9]+|cilium_host|flannel.*");
    private static final Pattern POD_INTERFACE = Pattern.compile("veth.*|azv.*|cali.*|lxc.*|pod.*");
    private static final Pattern INTERFACE = Pattern.compile("(eth|ens|enp|eno|en|wlan|bond|team)[0-9a-z]*");

    /** Understands a name. */
    static PointName of(String name) {
        String lower = AROUND.matcher(name.toLowerCase(Locale.ROOT)).replaceAll("");
        String words = lower.replaceAll("[-_. ]+", " ");
        if (CLIENT.matcher(lower).matches() || SOME_CLIENT.matcher(words).matches()) {
            return new PointName(name, PointRole.CLIENT, null);
        }
        if (POD.matcher(lower).matches() || SOME_POD.matcher(words).matches()) {
            return new PointName(name, PointRole.POD, null);
        }
        for (Pattern pattern : NODE) {
            Matcher m = pattern.matcher(lower);
            if (m.matches()) {
                PointRole role = roleOf(m.group("device"));
                return new PointName(name, role, role == null ? null : nodeOf(m.group("node")));
            }
        }
        return new PointName(name, null, null);
    }

    private static String nodeOf(String name) {
        Matcher numbered = NUMBERED.matcher(name);
        return numbered.matches() ? "node-" + numbered.group(1) : name;
    }

    private static PointRole roleOf(String device) {
        if (device.equals("any")) {
            return PointRole.ANY;
        }
        if (BRIDGE.matcher(device).matches()) {
            return PointRole.BRIDGE;
        }
        if (POD_INTERFACE.matcher(device).matches()) {
            return PointRole.POD;
        }
        return INTERFACE.matcher(device).matches() ? PointRole.NODE_INTERFACE : null;
    }

    /** The same where the files of a case lie in several folders: {@code node1/eth0.pcap} is {@code node1-eth0}, as the folder says. */
    static String ofFile(String folder, String fileName) {
        String name = ofFile(fileName);
        String both = folder + "-" + name;
        if (of(name).role != null) {
            return name;
        }
        return of(folder).role != null ? folder : of(both).role != null ? both : name;
    }

    /** Whether a file's name has an ending that captures have, whatever follows it. */
    static boolean isOfCapture(String fileName) {
        return OF_CAPTURE.matcher(fileName).find();
    }

    /** The name that a file's name stands for: without the endings of formats, compression and rotation. */
    static String ofFile(String fileName) {
        String name = fileName;
        Matcher suffix = SUFFIXES.matcher(name);
        while (suffix.find() && suffix.start() > 0) {
            name = name.substring(0, suffix.start());
            suffix = SUFFIXES.matcher(name);
        }
        // Tables separate points by blanks.
        String joined = name.replace(' ', '-');
        name = of(joined).role == null ? name : joined;
        Matcher rotation = ROTATION.matcher(name);
        boolean rotated = rotation.find() && rotation.start() > 0;
        if (!rotated) {
            return name;
        }
        String shorter = name.substring(0, rotation.start());
        if (of(name).role != null) {
            Matcher time = TIME.matcher(name).region(rotation.start(), name.length());
            // What stands before the time numbers a machine, if the name goes on to say what it stands for.
            String upToTime = time.find() ? SEPARATORS.matcher(name.substring(0, time.start())).replaceFirst("") : name;
            return of(upToTime).role != null ? upToTime : shorter;
        }
        return of(shorter).role != null || OF_RING.matcher(rotation.group()).find() ? shorter : name;
    }
}
