package io.nattrail.cluster;

import java.util.regex.Pattern;

/** What the right commands print in forms that are for people: not read, but known, so that the user is told what to run instead. */
final class OtherForms {
    private static final String OBJECTS = "make it with: kubectl get nodes,services,endpointslices,pods -A -o json";

    /** {@code NAMESPACE   NAME   TYPE   CLUSTER-IP   EXTERNAL-IP   PORT(S)   AGE}. */
    private static final Pattern TABLE = Pattern.compile("(NAMESPACE {2,})?NAME( +[A-Z(][A-Z()/-]+)+\\s*");

    private static final Pattern DESCRIBED = Pattern.compile("Name: {2,}\\S.*");
    private static final Pattern ALSO_DESCRIBED = Pattern.compile("(Namespace|Labels|Annotations|Roles|Selector): .*");

    /** Of {@code iptables -L} and of {@code iptables -S}. */
    private static final Pattern CHAINS = Pattern.compile("Chain \\S+ \\((policy |\\d+ references).*"
            + "|-P (PREROUTING|INPUT|FORWARD|OUTPUT|POSTROUTING) (ACCEPT|DROP).*|-N KUBE-\\S+\\s*");

    private OtherForms() {
    }

    /** What the text is and how to make it so that it is read; null if it is nothing of the kind. */
    static String of(String head) {
        boolean described = false;
        for (int at = 0, line = 0; at < head.length() && line < ClusterSource.LINES_ASKED; line++) {
            int end = head.indexOf('\n', at);
            end = end < 0 ? head.length() : end;
            String text = head.substring(at, Math.min(end, at + 1024));
            if (TABLE.matcher(text).matches()) {
                return "a table as kubectl prints it for people, which is not read; " + OBJECTS;
            }
            if (described && ALSO_DESCRIBED.matcher(text).lookingAt()) {
                return "what kubectl describe prints, which is not read; " + OBJECTS;
            }
            if (CHAINS.matcher(text).lookingAt()) {
                return "chains as iptables -L or -S prints them, which are not read; make it with: iptables-save -c";
            }
            described |= DESCRIBED.matcher(text).lookingAt();
            at = end + 1;
        }
        return head.startsWith("<?xml") && head.contains("<conntrack")
                ? "conntrack's entries in XML, which are not read; make it with: conntrack -L -o extended,id"
                : null;
    }
}
