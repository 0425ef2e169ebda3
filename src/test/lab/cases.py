"""Cases for deviations and manners that the shared collection has no example of. Run them with the lab:

  lab run CASE... --cases src/test/lab/cases.py --out src/test/resources/cases
"""
import struct
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import pcapfile  # noqa: E402
from kit import Case  # noqa: E402
from natlab.case import (  # noqa: E402
    STANDARD,
    Capture,
    Fault,
    Pod,
    Port,
    Service,
    Client,
    clamp_mss,
    conns,
    corrupt_on_the_link,
    delay,
    drop,
    reset_both,
    seed_cluster,
    stray_segment,
    tcp_reset,
    to_net,
)

NODE_PORT = ("10.240.0.4", 32000)
CASES = {}
LATE = ["retransmission", "out-of-order", "duplicate-packet", "latency-high"]  # what a loss brings with it
LEAKED = [  # what else may be said of an answer that a client gets untranslated
    "reply-leaks-untranslated",
    "reset-by-client-on-stray-packet",
    "reset-by-client",
    "reset-by-pod",
    "reset-midstream",
    "reply-not-forwarded",
    "reply-bypasses-node1",
    "nat-remapped-midflow",
    "node-port-closed",
]
POD_SIDE = [Capture("pod", "caller"), Capture("node1-cbr0", "node-1", "cbr0"), *STANDARD[1:]]


def case(function):
    name = function.__name__.replace("_", "-")
    CASES[name] = lambda: function(name)
    return function


def small(n, to=NODE_PORT, start=0.0, gap=0.03, send=120, reply=400, **more):
    return conns(n, to, start, gap, requests=[{"send": send, "reply": reply}], **more)


def script(n, *ops, to=NODE_PORT, start=0.0, gap=0.05, **more):
    return conns(n, to, start, gap, script=[list(op) for op in ops], **more)


def remote(**service):
    return seed_cluster(pods=["web-2"], **service)


def with_caller(cluster, node="node-1", ip="10.244.0.7"):
    cluster.pods.append(Pod("caller", node, ip, app="tools"))
    return cluster


def client_port(f):
    return int(f["client"].rsplit(":", 1)[1])


def add(f, *codes, allowed=()):
    f["deviations"] += [c for c in codes if c not in f["deviations"]]
    f["allowed"] += [c for c in allowed if c not in f["allowed"]]


def failed(step, *codes, allowed=(), when=lambda f: f["verdict"] == "failed"):
    """A judge: the flows that failed did so at this step, with these deviations."""

    def judge(f, lab):
        if when(f):
            f["verdict"], f["failedStep"] = "failed", step
            add(f, *codes, allowed=allowed)

    return judge


def only_info(f, *codes, allowed=()):
    add(f, *codes, allowed=allowed)
    f["_info_only"] = True


# ---- never established


@case
def half_open(name):
    def setup(lab):  # what the client would send after the SYN is dropped before its own capture
        lab.run(
            "client", "iptables", "-A", "OUTPUT", "-p", "tcp", "--sport", "41000:41001", "--tcp-flags", "SYN,ACK", "ACK", "-j", "DROP"
        )

    def judge(f, lab):
        if client_port(f) < 41002:
            failed("1.1|1.6|2.0", "half-open", allowed=["retransmission", "syn-retransmitted", "request-lost-before-node1"])(f, lab)
            f["verdict"] = "failed|undetermined"

    return Case(
        name,
        "Two clients send a SYN, get the SYN-ACK and never send anything again; two others are well.",
        {"client": small(4, sport=lambda i: 41000 + i, timeout=4)},
        remote(),
        setup=setup,
        judge=judge,
        compress=False,
    )


def fill_conntrack(lab, leave):
    """Fill Node-1's table, all but a few places, with entries that the kernel may not drop early."""
    limit = int(lab.run("node-1", "sysctl", "-n", "net.netfilter.nf_conntrack_max"))
    held = int(lab.run("node-1", "conntrack", "-C"))

    def line(i):
        there, back = f"10.{201 if leave else 202}.{i >> 8 & 255}.{i & 255}", f"10.98.{i >> 16}.7"
        return (
            f"-A -p tcp -s {there} -d {back} --sport 1000 --dport 80 -r {back} -q {there} --reply-port-src 80 --reply-port-dst 1000 "
            "--state ESTABLISHED -u SEEN_REPLY,ASSURED -t 600"
        )

    # The last ones fail with "not enough memory": this is how a full table says so.
    lab.run("node-1", "conntrack", "--load-file", "-", stdin="\n".join(line(i) for i in range(limit - held - leave)) + "\n", check=False)


@case
def no_endpoints_v6(name):
    c = dual_stack(seed_cluster(pods=[], cluster_ip6="fd00:172:31::5"))
    return Case(
        name,
        "IPv4 and IPv6 clients of a service without endpoints: REJECT answers with ICMP and ICMPv6.",
        {"client": small(2) + small(3, ("fd00:240::4", 32000), start=0.2)},
        c,
        v6=True,
        compress=False,
        judge=failed("1.2|1.2.1", "no-endpoints-reject", allowed=["icmp-unreachable"]),
    )


def dual_stack(c):
    c.node_net6, c.client_net6, c.pod_cidr6 = "fd00:240::/64", "fd00:241::/64", "fd00:244::/48"
    for i, n in enumerate(c.nodes):
        n.ip6, n.pod_cidr6 = f"fd00:240::{4 + i}", f"fd00:244:0:{i}::/64"
    c.pods[0].ip6, c.pods[1].ip6, c.clients[0].ip6 = "fd00:244::3", "fd00:244:0:1::2", "fd00:241::4"
    return c


@case
def lost_between_nodes_v6(name):
    c = dual_stack(seed_cluster(pods=["web-2"], cluster_ip6="fd00:172:31::5"))
    return Case(
        name,
        "The network drops IPv6 for the pods of Node-2, IPv4 works.",
        {"client": small(3) + small(3, ("fd00:240::4", 32000), start=0.2, timeout=2.5)},
        c,
        v6=True,
        faults=[
            Fault(
                "request-lost-between-nodes",
                to_net("fd00:244:0:1:"),
                drop,
                "node-1",
                also=["syn-retransmitted", "loss", "pod-cidr-route-missing"],
            )
        ],
        judge=failed("1.4|1.5"),
    )


@case
def internal_policy_no_endpoint(name):
    c = with_caller(remote(internal="Local"))
    return Case(
        name,
        "internalTrafficPolicy Local: a pod calls the ClusterIP and its node has no endpoint.",
        {"caller": small(2, ("172.31.0.5", 443), timeout=2.5)},
        c,
        captures=POD_SIDE,
        judge=failed("1.2|1.3", "local-policy-no-endpoint", allowed=["syn-retransmitted", "request-not-forwarded"]),
    )


@case
def node_port_in_ephemeral_range(name):
    c = remote()
    c.clients.append(Client("registry", "10.241.0.9"))

    def setup(lab):
        lab.sysctl("node-1", net__ipv4__ip_local_port_range="30000 32000")
        lab.listen("registry", "10.241.0.9", 5000)

    def pull(lab):
        lab.start("node-1", conns(4, ("10.241.0.9", 5000), gap=0.05, requests=[{"reply": 600}]))

    return Case(
        name,
        "Node-1 itself opens connections from ports that belong to node ports.",
        {"client": small(4, gap=0.1)},
        c,
        setup=setup,
        during=[(0.05, pull)],
        linger=1,
        background=True,
        case_deviations=["node-port-in-ephemeral-range"],
    )


@case
def health_probe_failing(name):
    c = remote(external="Local")
    c.services[0].health_port = 30999
    c.clients.append(Client("prober", "10.241.0.9"))
    probe = "168.63.129.16"

    def setup(lab):  # Azure's probes come from an address outside of every network
        lab.ip("prober", f"addr add {probe}/32 dev eth0")
        c.clients[1].ip = probe
        lab.listen(
            "node-1",
            "10.240.0.4",
            30999,
            status="503 Service Unavailable",
            body='{"service":{"namespace":"default","name":"web"},"localEndpoints":0,"serviceProxyHealthy":true}',
        )

    def judge(f, lab):
        f["steps"] = {}
        add(f, "health-probe-failing", allowed=["local-policy-no-endpoint", "request-not-forwarded", "syn-retransmitted"])
        if f["service"].endswith(":32000"):
            f["verdict"], f["failedStep"] = "failed", "1.2|1.2.1|1.3"
        else:
            f["verdict"] = "ok|degraded|failed"

    traffic = small(3, ("10.240.0.4", 30999), gap=0.5, **{"from": probe}) + small(2, start=0.2, gap=0.5, timeout=1.5, **{"from": probe})
    return Case(
        name,
        "The load balancer's probes get 503 from the health-check node port and nothing from the node port.",
        {"prober": traffic},
        c,
        setup=setup,
        captures=STANDARD[1:],
        judge=judge,
        case_allowed=["capture-missing", "health-probe-failing"],
        faults=[Fault(None, lambda p: p.dst == probe, lambda p: [(0, p, "prober")])],
    )


# ---- wrong translation or path

ADDRESS = "20.50.60.70"


def translate_balancer(lab, node, text_of_rule):
    """The rule that kube-proxy writes for the balancer's address."""
    chain = lab.chain(node, ":KUBE-EXT-")[0].split()[0][1:]
    rule = f"-d {ADDRESS}/32 -p tcp -m comment --comment".split() + [text_of_rule] + f"-m tcp --dport 443 -j {chain}".split()
    lab.run(node, "iptables", "-t", "nat", "-I", "KUBE-SERVICES", *rule)


def balanced(text_of_rule, judge, name, text, edit_text=None, **more):
    """A service of type LoadBalancer whose packets reach Node-1 with the balancer's address."""
    c = remote()
    c.services[0].address = ADDRESS

    def setup(lab):
        lab.sysctl("node-1", net__ipv4__conf__all__send_redirects="0", net__ipv4__conf__eth0__send_redirects="0")
        if text_of_rule:
            translate_balancer(lab, "node-1", text_of_rule)

    return Case(
        name,
        text,
        {"client": small(4, (ADDRESS, 443), **more)},
        c,
        setup=setup,
        judge=judge,
        edit_text=edit_text,
        describe=lambda f: {"path": "loadbalancer", "entry": "node-1", "service": "web"},
        faults=[
            Fault(None, lambda p: p.dst == ADDRESS, lambda p: [(0, p, "node-1")], "client"),
            Fault(None, lambda p: p.dst == ADDRESS, drop, "node-1"),
        ],
    )


@case
def loadbalancer_address(name):
    return balanced(
        "default/web:https loadbalancer IP",
        lambda f, lab: only_info(f, "loadbalancer-floating-ip"),
        name,
        "The load balancer leaves its own address in the packets (floating IP).",
    )


@case
def dnat_missing(name):
    return balanced(
        None,
        failed("1.2|1.2.1", "dnat-missing", allowed=["syn-retransmitted", "loadbalancer-floating-ip", "request-not-forwarded"]),
        name,
        "Node-1 has no rule for the load balancer's address and sends the packets on as they came.",
        timeout=2.5,
        edit_text="nothing; packets are not counted, since one passes node1-eth0 twice under one tuple",
    )


@case
def dnat_unexpected_endpoint(name):
    c = seed_cluster(pods=["web-1"], stale=["10.244.1.2"])
    c.services.append(Service("other", "172.31.0.9", [Port(443, 9443)], ["web-2"]))
    c.pods[1].name, c.pods[1].app = "other-1", "other"
    c.services[1].pods = ["other-1"]

    def judge(f, lab):
        if f["endpoint"] == "10.244.1.2:8443":
            add(f, "dnat-unexpected-endpoint", allowed=["stale-endpoint"])

    return Case(
        name,
        "The rules still send some connections to an address that now belongs to a pod of another service, which answers.",
        {"client": small(8)},
        c,
        judge=judge,
    )


@case
def snat_unexpected_source(name):
    def setup(lab):
        lab.run(
            "node-1",
            "iptables",
            "-t",
            "nat",
            "-I",
            "POSTROUTING",
            "-p",
            "tcp",
            "-d",
            "10.244.1.2",
            "-j",
            "SNAT",
            "--to-source",
            "10.250.7.7",
        )

    return Case(
        name,
        "A rule of another component gives the requests a source that is no address of the node.",
        {"client": small(4)},
        remote(),
        setup=setup,
        faults=[Fault(None, lambda p: p.dst == "10.250.7.7", lambda p: [(0, p, "node-1")])],
        judge=lambda f, lab: add(f, "snat-unexpected-source"),
    )


@case
def snat_under_local_policy(name):
    def setup(lab):
        lab.run(
            "node-1",
            "iptables",
            "-t",
            "nat",
            "-A",
            "POSTROUTING",
            "-d",
            "10.244.0.0/16",
            "-m",
            "comment",
            "--comment",
            "cni: masquerade",
            "-j",
            "MASQUERADE",
        )

    def judge(f, lab):
        f["steps"]["1.2.2"] = "inferred"
        add(f, "snat-under-local-policy")

    return Case(
        name,
        "externalTrafficPolicy Local, and a rule of the CNI masquerades all the same.",
        {"client": small(5)},
        seed_cluster(external="Local"),
        setup=setup,
        judge=judge,
        captures=[*STANDARD, Capture("node1-cbr0", "node-1", "cbr0")],
    )


@case
def remote_endpoint_under_local_policy(name):
    c = seed_cluster()

    def setup(lab):  # the rules are from before the policy was changed
        c.services[0].external = "Local"

    def judge(f, lab):
        f["steps"]["1.2.2"] = "inferred"
        if f["local"]:
            add(f, "snat-under-local-policy")
        else:
            add(f, "remote-endpoint-under-local-policy", allowed=["snat-under-local-policy"])

    return Case(
        name,
        "The service's policy was changed to Local, Node-1 still has the rules of before.",
        {"client": small(8)},
        c,
        setup=setup,
        judge=judge,
        captures=[*STANDARD, Capture("node1-cbr0", "node-1", "cbr0")],
    )


@case
def direct_server_return(name):
    def setup(lab):  # stateless translation at both ends, as an eBPF load balancer does it
        lab.run(
            "node-1",
            "nft",
            "-f",
            "-",
            stdin="""table ip dsr {
 chain there { type filter hook prerouting priority raw;
  ip daddr 10.240.0.4 tcp dport 32000 notrack ip daddr set 10.244.1.2 tcp dport set 8443; }
}""",
        )
        lab.run(
            "node-2",
            "nft",
            "-f",
            "-",
            stdin="""table ip dsr {
 chain plain { type filter hook prerouting priority raw; tcp dport 8443 notrack; tcp sport 8443 notrack; }
 chain back { type filter hook postrouting priority mangle;
  oifname "eth0" ip saddr 10.244.1.2 tcp sport 8443 ip saddr set 10.240.0.4 tcp sport set 32000; }
}""",
        )

    def judge(f, lab):
        f["steps"]["1.2.2"] = "not-applicable"
        only_info(f, "direct-server-return", allowed=["source-preserved"])

    return Case(
        name,
        "Node-1 translates the destination only; the pod's node answers the client in Node-1's name.",
        {"client": small(4)},
        remote(),
        setup=setup,
        judge=judge,
        state=("kubectl",),
        describe=lambda f: {"path": "nodeport", "entry": "node-1", "service": "web", "translated": (*f["_a"][:2], "10.244.1.2", 8443)},
    )


@case
def reverse_nat_mismatch(name):
    def setup(lab):
        lab.run(
            "node-1",
            "nft",
            "-f",
            "-",
            stdin="""table ip odd {
 chain out { type filter hook postrouting priority 300; ip saddr 10.240.0.4 tcp sport 32000 tcp dport 48000-48001 tcp sport set 32005; }
}""",
        )

    def judge(f, lab):
        codes = ["syn-retransmitted", "retransmission", "half-open", "reply-not-forwarded", "reset-by-client-on-stray-packet"]
        failed("2.0", "reverse-nat-mismatch", allowed=[*codes, "reset-by-client"])(f, lab)
        if f["verdict"] == "failed":
            f["steps"].pop("2.0", None)

    return Case(
        name,
        "Node-1 gives two clients their answers from another port than they had called.",
        {"client": small(2) + small(2, start=0.3, sport=lambda i: 48000 + i, timeout=2.5)},
        remote(),
        setup=setup,
        linger=1,
        judge=judge,
        edit_text="nothing; packets are not counted, since those of the wrong port may be taken for the flow's own or not",
    )


@case
def clusterip_on_the_wire(name):
    return Case(
        name,
        "No rules for services on the calling pod's node: the ClusterIP goes out of eth0.",
        {"caller": small(2, ("172.31.0.5", 443), timeout=2.5)},
        with_caller(remote()),
        captures=POD_SIDE,
        setup=lambda lab: lab.run("node-1", "iptables", "-t", "nat", "-F", "KUBE-SERVICES"),
        judge=failed(
            "1.2",
            "clusterip-on-the-wire",
            allowed=["syn-retransmitted", "dnat-missing", "request-not-forwarded", "request-lost-between-nodes"],
        ),
    )


@case
def affinity_broken(name):
    def forget(lab):  # what a restart of kube-proxy does to the lists of its rules
        lab.run("node-1", "sh", "-c", "for f in /proc/net/xt_recent/KUBE-SEP-*; do echo / > $f; done")

    def complete(flows, lab):
        before = None
        for f in flows:
            f["allowed"].append("affinity-broken")
            if before and f["endpoint"] != before:
                f["deviations"].append("affinity-broken")
                f["verdict"] = "degraded"
            before = f["endpoint"]

    return Case(
        name,
        "sessionAffinity ClientIP, but Node-1 forgets several times which pod a client had.",
        {"client": small(12, gap=0.2)},
        seed_cluster(affinity=True),
        during=[(0.1 + 0.4 * i, forget) for i in range(6)],
        complete=complete,
        case_allowed=["affinity-broken", "uneven-endpoints"],
    )


@case
def uneven_endpoints(name):
    def setup(lab):
        text = lab.run("node-1", "iptables-save", "-t", "nat")
        lab.run("node-1", "iptables-restore", stdin=text.replace("--probability 0.50000000000", "--probability 0.92000000000"))

    return Case(
        name,
        "Node-1's rules prefer one of two pods by far.",
        {"client": small(40, gap=0.03, send=0, reply=0)},
        setup=setup,
        case_deviations=["uneven-endpoints"],
    )


@case
def proxy_not_nat(name):
    def setup(lab):
        lab.run("node-1", "iptables", "-t", "nat", "-F", "KUBE-NODEPORTS")
        lab.listen("node-1", "10.240.0.4", 32000, proxy=["10.244.1.2", 8443])

    def judge(f, lab):
        f["steps"] = {}
        only_info(f, "proxy-not-nat", allowed=["proxy-not-nat"])

    return Case(
        name,
        "A proxy on Node-1 ends the client's connections and opens its own to the pod.",
        {"client": small(4, gap=0.2)},
        remote(),
        setup=setup,
        judge=judge,
        background=True,
        case_allowed=["proxy-not-nat"],
    )


def one_port(lab, ports):
    rule = next(line for line in lab.chain("node-1", "-A KUBE-POSTROUTING") if "MASQUERADE" in line)
    lab.run("node-1", "sh", "-c", f"iptables -t nat {rule.replace('-A ', '-D ', 1)}")
    lab.run(
        "node-1",
        "iptables",
        "-t",
        "nat",
        "-A",
        "KUBE-POSTROUTING",
        "-p",
        "tcp",
        "-m",
        "comment",
        "--comment",
        "kubernetes service traffic requiring SNAT",
        "-j",
        "MASQUERADE",
        "--to-ports",
        ports,
    )


@case
def snat_ports_exhausted(name):
    return Case(
        name,
        "Eight source ports for one pod: further connections get none while the first eight are open.",
        {"client": small(14, gap=0.1, close="hold", hold=5, timeout=3)},
        remote(),
        setup=lambda lab: one_port(lab, "40000-40007"),
        judge=failed("1.2|1.2.2|1.3", "snat-ports-exhausted", allowed=["request-not-forwarded", "syn-retransmitted"]),
    )


@case
def ephemeral_tuple_reused(name):
    c = remote()
    c.clients.append(Client("client-b", "10.241.0.9"))

    def forget(lab):
        lab.run("node-1", "conntrack", "-D", "-p", "tcp", "--orig-port-dst", "32000")

    def judge(f, lab):
        if f["client"].startswith("10.241.0.9:"):
            add(
                f,
                "ephemeral-tuple-reused",
                allowed=["syn-retransmitted", "reset-by-client", "reset-by-client-on-stray-packet", "latency-high", "half-open"],
            )
        else:
            f["verdict"] = "ok|degraded|failed"
            f["failedStep"] = None
            add(
                f,
                allowed=[
                    "reset-by-client",
                    "request-not-forwarded",
                    "nat-remapped-midflow",
                    "loss-inside-node",
                    "ephemeral-tuple-reused",
                    "reset-by-pod",
                    "node-reset-on-invalid",
                    "reset-midstream",
                ],
            )

    return Case(
        name,
        "Node-1 gives a second client the port of a connection that the pod still holds: challenge ACK, RST, and the SYN again.",
        {"client": script(1, ["ask", {}], ["answer"], ["wait", 4], ["abort"]), "client-b": small(1, start=1.2)},
        c,
        setup=lambda lab: one_port(lab, "40000"),
        during=[(0.8, forget)],
        judge=judge,
        captures=[*STANDARD, Capture("client-b", "client-b")],
        edit_text="nothing; packets are not counted, since both connections share one translated tuple",
    )


# ---- breaks or slows after it was established


def forgets(after):
    """True for the packets of a connection between client and Node-1 that was silent for longer than this."""
    last, gone = {}, set()

    def when(p):
        if not p.tcp or "10.241.0.4" not in (p.src, p.dst):
            return False
        key = frozenset([(p.src, p.sport), (p.dst, p.dport)])
        if p.at - last.get(key, p.at) > after:
            gone.add(key)
        last[key] = p.at
        return key in gone

    return when


def pausing(n, pause, start=0.0, times=1, timeout=3):
    return conns(n, NODE_PORT, start, 0.05, timeout=timeout, requests=[{"reply": 300}] + [{"reply": 300, "wait": pause}] * times)


@case
def idle_timeout_drop(name):
    return Case(
        name,
        "A box between client and Node-1 forgets connections after 2 s of silence and drops what comes then.",
        {"client": pausing(2, 2.3) + pausing(2, 2.8, 0.2) + pausing(2, 0.9, 0.4, 3)},
        remote(),
        compress=False,
        faults=[
            Fault(
                "idle-timeout-drop",
                forgets(2),
                drop,
                also=["retransmission", "loss", "request-lost-before-node1", "reply-lost-before-client"],
            )
        ],
        judge=failed("1.1"),
    )


@case
def idle_timeout_reset(name):
    seen = set()

    def answer(p):
        first = p.key not in seen
        seen.add(p.key)
        return reset_both(p) if first else []

    return Case(
        name,
        "A box between client and Node-1 forgets connections after 2 s of silence and resets both ends then.",
        {"client": pausing(3, 2.4) + pausing(2, 0.9, 0.4, 3)},
        remote(),
        faults=[Fault("idle-timeout-drop|reset-midstream", forgets(2), answer, "client", also=["idle-timeout-drop", "reset-midstream"])],
        judge=failed("1.1|2.0"),
    )


@case
def invalid_dropped(name):
    def setup(lab):
        lab.run("node-1", "iptables", "-I", "INPUT", "-p", "tcp", "-m", "conntrack", "--ctstate", "INVALID", "-j", "DROP")

    def acknowledge_too_much(p):
        def edit(raw):
            raw[p.head + 8 : p.head + 12] = struct.pack(">I", (p.ack + 3_000_000) & 0xFFFFFFFF)

        return [(0, p.edited(edit), None)]

    return Case(
        name,
        "A segment of the pod acknowledges what was never sent: INVALID, and Node-1 drops it; the copy sent again passes.",
        {"client": small(4, gap=0.1)},
        remote(),
        setup=setup,
        linger=1,
        faults=[
            Fault(
                "invalid-dropped",
                lambda p: p.payload > 100 and p.dst == "10.240.0.4",
                acknowledge_too_much,
                "node-2",
                nth=[1],
                per_flow=True,
                also=[*LATE, "loss", "loss-inside-node", "payload-altered"],
            )
        ],
    )


@case
def checksum_bad(name):
    def of(first):
        return lambda p: p.payload > 100 and first <= p.sport < first + 3

    ports = []

    def learn(p):
        if p.syn and p.dst == "10.244.1.2" and p.sport not in ports:
            ports.append(p.sport)
        return False

    def replies(p):  # to the connections of the second group
        return p.payload > 100 and p.dst == "10.240.0.4" and p.dport in ports[3:]

    more = [*LATE, "loss", "loss-inside-node", "request-not-forwarded", "invalid-dropped", "payload-altered"]
    return Case(
        name,
        "Single segments arrive at Node-1 with a wrong checksum: conntrack leaves them alone, the copy sent again passes.",
        {"client": small(3, sport=lambda i: 43000 + i) + small(3, start=1, sport=lambda i: 43010 + i)},
        remote(),
        linger=1,
        faults=[
            Fault("checksum-bad", of(43000), corrupt_on_the_link, "client", nth=[1], per_flow=True, also=more),
            Fault(None, learn, drop),
            Fault("checksum-bad", replies, corrupt_on_the_link, "node-2", nth=[1], per_flow=True, also=more),
        ],
    )


@case
def reset_on_stray_packet(name):
    def forget(lab):
        for port in (43000, 43001):
            lab.run("node-1", "conntrack", "-D", "-p", "tcp", "--orig-port-src", str(port), "--orig-port-dst", "32000")

    def judge(f, lab):
        only_info(f, "source-preserved")
        if client_port(f) < 43002:
            f["_info_only"] = False
            failed(
                "2.0|1.6",
                "reset-by-client-on-stray-packet|reply-leaks-untranslated",
                allowed=["retransmission", *LEAKED],
            )(f, lab)

    return Case(
        name,
        "Policy Local; Node-1 loses two conntrack entries while the pod thinks: its answer reaches the client untranslated.",
        {
            "client": conns(
                4, NODE_PORT, 0, 0.05, sport=lambda i: 43000 + i, timeout=3, requests=[{"reply": 300}, {"reply": 300, "think": 900}]
            )
        },
        seed_cluster(pods=["web-1"], external="Local"),
        during=[(0.6, forget)],
        judge=judge,
        linger=1,
        captures=[*STANDARD, Capture("node1-cbr0", "node-1", "cbr0")],
    )


@case
def pod_resets_stray_packet(name):
    def setup(lab):
        lab.run("node-1", "iptables", "-D", "KUBE-FORWARD", "-m", "conntrack", "--ctstate", "INVALID", "-j", "DROP")

    return Case(
        name,
        "A pod calls a ClusterIP; a segment that conntrack calls INVALID reaches it untranslated, and it resets.",
        {
            "caller": conns(
                3,
                ("172.31.0.5", 443),
                0,
                0.2,
                timeout=4,
                requests=[{"reply": 2000}, {"reply": 14000, "wait": 0.2}, {"reply": 300, "wait": 0.3}],
            )
        },
        with_caller(remote()),
        setup=setup,
        captures=POD_SIDE,
        linger=1,
        faults=[
            Fault(
                "reset-by-client-on-stray-packet|reply-leaks-untranslated",
                lambda p: p.payload > 1000 and p.dst == "10.244.0.7",
                stray_segment(),
                "node-2",
                nth=[5],
                per_flow=True,
                also=["reply-leaks-untranslated", "reset-by-client-on-stray-packet", "reset-by-pod", "reset-by-client", *LATE],
            )
        ],
        judge=failed("2.0|1.6|1.1"),
    )


@case
def zero_window(name):
    traffic = script(
        2,
        ["ask", {"reply": 60000}],
        ["wait", 1.2],
        ["sip", 3000, 0.01],
        ["close"],
        options={"rcvbuf": 4096},
        sport=lambda i: 44000 + i,
        timeout=5,
    ) + small(2, start=0.2)

    def judge(f, lab):
        if client_port(f) in (44000, 44001):
            add(f, "zero-window", allowed=["latency-high", "retransmission"])

    return Case(
        name,
        "Two clients do not read for a second: the pod stops, probes the closed window and goes on.",
        {"client": traffic},
        remote(),
        judge=judge,
    )


@case
def stalled_pod(name):
    c = remote()
    c.pods[1].serve = "stall"
    return Case(
        name,
        "The pod accepts and never reads: its window closes and no answer comes.",
        {"client": small(2, send=60000, timeout=3)},
        c,
        judge=failed("1.6", "zero-window", allowed=["no-reply-from-pod", "retransmission", "latency-high"]),
    )


@case
def mss_clamped(name):
    def setup(lab):
        lab.run(
            "node-1",
            "iptables",
            "-t",
            "mangle",
            "-A",
            "FORWARD",
            "-p",
            "tcp",
            "--tcp-flags",
            "SYN,RST",
            "SYN",
            "-j",
            "TCPMSS",
            "--set-mss",
            "1300",
        )

    return Case(
        name,
        "Node-1 lowers the MSS option of what it forwards.",
        {"client": small(3, send=3000, reply=4000)},
        remote(),
        setup=setup,
        judge=lambda f, lab: only_info(f, "mss-clamped"),
    )


@case
def mss_clamped_between_nodes(name):
    return Case(
        name,
        "A box between the nodes lowers the MSS option.",
        {"client": small(3, send=3000, reply=4000)},
        remote(),
        faults=[
            Fault(None, lambda p: p.syn or p.synack, clamp_mss(1200), "node-1"),
            Fault(None, lambda p: p.synack, clamp_mss(1200), "node-2"),
        ],
        judge=lambda f, lab: only_info(f, "mss-clamped"),
    )


def dns(c, pods=("web-2",), stale=()):
    c.services = [Service("dns", "172.31.0.53", [Port(53, 5353, 30053, "dns", "udp")], list(pods), stale=list(stale))]
    return c


@case
def fragments_lost(name):
    doomed = set()

    def second_piece(p):
        if not p.udp or p.v6:
            return False
        datagram = (p.src, p.dst, p.raw[4:6])
        if not p.later_fragment and 46000 <= p.sport <= 46001:
            doomed.add(datagram)
        return p.later_fragment and datagram in doomed

    def judge(f, lab):
        if client_port(f) in (46000, 46001):
            failed(
                "1.1|1.2|1.3",
                "fragments-lost",
                allowed=["request-not-forwarded", "loss", "request-lost-before-node1", "icmp-unreachable"],
            )(f, lab)
            f["steps"] = {}

    big = [
        {"at": i * 0.1, "to": ["10.240.0.4", 30053], "proto": "udp", "sport": 46000 + i, "timeout": 1.2, "requests": [{"send": 3600}]}
        for i in range(5)
    ]
    return Case(
        name,
        "Datagrams in three fragments; of two of them only the first arrives at Node-1.",
        {"client": big},
        dns(remote()),
        judge=judge,
        faults=[Fault(None, second_piece, drop, "client")],
        edit_text="nothing; packets are not counted, since a datagram in fragments may be counted once or piece by piece",
    )


@case
def ttl_unexpected(name):
    def longer_way(p):
        def edit(raw):
            raw[8] -= 3

        return [(0, p.edited(edit), None)]

    return Case(
        name,
        "In the middle of two connections the way from client to Node-1 becomes three hops longer.",
        {"client": conns(4, NODE_PORT, 0, 0.05, sport=lambda i: 47000 + i, requests=[{"reply": 300}] * 4)},
        remote(),
        faults=[Fault("ttl-unexpected", lambda p: p.sport in (47000, 47001), longer_way, "client", nth=range(6, 100), per_flow=True)],
    )


@case
def loss_inside_node(name):
    def setup(lab):
        lab.run(
            "node-1",
            "iptables",
            "-I",
            "FORWARD",
            "-p",
            "tcp",
            "-m",
            "length",
            "--length",
            "700:1500",
            "-m",
            "statistic",
            "--mode",
            "nth",
            "--every",
            "9",
            "--packet",
            "4",
            "-j",
            "DROP",
        )

    def judge(f, lab):
        n = f["counts"]["node1-eth0"]
        if n["A"] > n["B"] or n["Br"] > n["Ar"]:
            add(f, "loss-inside-node", allowed=[*LATE, "loss", "invalid-dropped"])

    return Case(
        name,
        "Node-1 drops every ninth large packet between receiving and sending.",
        {"client": conns(6, NODE_PORT, 0, 0.1, timeout=8, requests=[{"send": 3000, "reply": 6000}])},
        remote(),
        setup=setup,
        judge=judge,
        linger=1,
    )


@case
def udp_stale_conntrack(name):
    c = dns(seed_cluster())
    c.services[0].pods = ["web-1", "web-2"]

    def gone(lab):  # the pod ends, kube-proxy rewrites its rules and forgets to clean up
        c.services[0].pods, c.pod("web-2").listed = ["web-1"], False
        for node in c.nodes:
            lab.apply_rules(node)
        lab.ip("web-2", "link set eth0 down")

    def judge(f, lab):
        if f["endpoint"] == "10.244.1.2:5353":
            failed(
                "1.6|1.5|1.4",
                "udp-stale-conntrack",
                allowed=["icmp-unreachable", "stale-endpoint", "no-reply-from-pod", "dnat-unexpected-endpoint"],
            )(f, lab)

    q = {"to": ["10.240.0.4", 30053], "proto": "udp"}
    long = [{**q, "at": 0.02 * i, "patience": 0.3, "requests": [{}] + [{"wait": 0.3}] * 8} for i in range(6)]
    return Case(
        name,
        "A pod of a UDP service goes away; flows that began before stay with it, new ones go elsewhere.",
        {"client": long + [{**q, "at": 1.5 + 0.1 * i} for i in range(6)]},
        c,
        during=[(0.9, gone)],
        judge=judge,
    )


@case
def fragmentation_needed_by_node1(name):
    """Node-1's own kernel asks: the client on the side before the NAT, the pod on the side behind it."""
    c = dual_stack(seed_cluster(pods=["web-2"], cluster_ip6="fd00:172:31::5"))

    def setup(lab):
        lab.ip(
            "node-1",
            "route add 10.244.1.0/24 via 10.240.0.1 mtu 1300",
            "route add 10.241.0.0/16 via 10.240.0.1 mtu 1280",
            "route add fd00:244:0:1::/64 via fd00:240::1 mtu 1300",
        )

    def judge(f, lab):
        codes = [*LATE, "loss", "loss-inside-node", "pmtu-blackhole", "icmp-unreachable", "reply-not-forwarded", "request-not-forwarded"]
        add(f, "fragmentation-needed", allowed=codes)

    there, back = {"send": 4000, "reply": 100}, {"send": 50, "reply": 5000}
    return Case(
        name,
        "Node-1 has smaller MTUs on its routes: it asks the client, and for the answers the pod, for smaller packets.",
        {
            "client": conns(1, NODE_PORT, 0, requests=[there])
            + conns(1, NODE_PORT, 0.3, requests=[back])
            + conns(1, ("fd00:240::4", 32000), 0.6, requests=[there])
        },
        c,
        v6=True,
        setup=setup,
        judge=judge,
        linger=1,
    )


@case
def refused_by_policy(name):
    def setup(lab):
        lab.run("node-1", "iptables", "-I", "FORWARD", "-d", "10.244.1.2", "-j", "REJECT", "--reject-with", "icmp-admin-prohibited")

    return Case(
        name,
        "A firewall rule on Node-1 rejects what is forwarded to the pod: ICMP administratively prohibited.",
        {"client": small(3, timeout=2.5)},
        remote(),
        setup=setup,
        judge=failed("1.3|1.2|1.2.1|1.2.2", "icmp-unreachable", allowed=["request-not-forwarded", "syn-retransmitted"]),
    )


# ---- faults in the middle of an exchange


@case
def pod_falls_silent(name):
    """The pod takes the requests and answers no more: nothing is lost between the captures."""

    def silence(lab):
        for chain in ("INPUT", "OUTPUT"):
            lab.run("web-2", "iptables", "-A", chain, "-j", "DROP")

    traffic = conns(4, NODE_PORT, 0.1, 0.03, timeout=3, requests=[{"reply": 300}, {"reply": 500, "wait": 1.0}])
    return Case(
        name,
        "The pod falls silent while connections are open.",
        {"client": traffic},
        remote(),
        during=[(0.7, silence)],
        linger=1,
        judge=failed("1.6", "no-reply-from-pod", allowed=["half-open", *LATE]),
    )


@case
def hangs_at_a_later_question(name):
    kept = [{"reply": 300}, {"reply": 300, "wait": 0.3, "think": 20_000}]
    return Case(
        name,
        "Two kept connections whose second question the pod takes and never answers; the clients wait 2.5 s and close.",
        {"client": small(3) + conns(2, NODE_PORT, 0.1, 0.05, timeout=2.5, requests=kept)},
        remote(),
        judge=failed("1.6", "no-reply-from-pod"),
    )


@case
def keepalives_in_vain(name):
    began = []

    def later(p):
        began.append(p.at)
        return p.at - began[0] > 0.8

    silent = script(2, ["ask", {"reply": 300}], ["answer"], ["wait", 6], ["ask", {}], ["answer"], options={"keepalive": [1, 1, 3]})
    return Case(
        name,
        "While connections are silent, Node-2 is cut off: the clients' keep-alive probes get no answer, and their kernel resets them.",
        {"client": silent},
        remote(),
        faults=[Fault("request-lost-between-nodes", lambda p: p.dst.startswith("10.244.1.") and later(p), drop, "node-1")],
        judge=failed("1.4"),
    )


@case
def endpoint_removed(name):
    """What was answered before the endpoint went is sound, though the state that was written later does not list it any more."""

    def remove(lab):
        lab.run("web-2", "ip", "link", "set", "eth0", "down")
        lab.c.services[0].pods = ["web-1"]
        for node in lab.c.nodes:
            lab.apply_rules(node)

    open_ones = conns(4, NODE_PORT, 0.2, 0.03, timeout=4, requests=[{"reply": 300}, {"reply": 500, "wait": 1.3}])
    return Case(
        name,
        "A pod is removed while connections to it are open.",
        {"client": small(6) + open_ones + small(5, start=1.2)},
        seed_cluster(),
        during=[(0.9, remove)],
        linger=1,
        judge=failed(
            "1.6|1.5|2.0",
            "no-reply-from-pod|stale-endpoint|icmp-unreachable",
            allowed=["no-reply-from-pod", "icmp-unreachable", "stale-endpoint", "dnat-unexpected-endpoint", *LATE],
        ),
    )


@case
def refused_before_the_pod(name):
    """The RST speaks for the pod and never passed its bridge."""

    def setup(lab):
        lab.run("node-2", "iptables", "-I", "FORWARD", "-p", "tcp", "-d", "10.244.1.2", "-j", "REJECT", "--reject-with", "tcp-reset")

    return Case(
        name,
        "Node-2 rejects what is for the pod with a RST: cbr0 shows nothing.",
        {"client": small(6, timeout=2.5)},
        remote(),
        setup=setup,
        judge=failed("1.4|1.5", "reset-midstream", allowed=["request-lost-between-nodes"]),
    )


@case
def slow_endpoint(name):
    cluster = seed_cluster()
    cluster.pods[1].delay = 0.6
    return Case(
        name,
        "One of two pods takes 600 ms for each answer.",
        {"client": small(14)},
        cluster,
        judge=lambda f, lab: add(f, "latency-high") if f["endpointNode"] == "node-2" else None,
    )


# ---- healthy, and easily taken for a fault


@case
def healthy_manners(name):
    """Keep-alives, half-close, the server closing first, a long think, and an answer that the client has to wait for."""
    ask = {"reply": 500}
    traffic = (
        script(2, ["ask", ask], ["answer"], ["wait", 3.2], ["ask", ask], ["answer"], ["close"], options={"keepalive": [1, 1, 5]})
        + script(2, ["ask", {"reply": 900, "think": 150}], ["shutdown"], ["answer"], ["close"], start=0.2)
        + script(2, ["ask", {"reply": 900, "word": "last"}], ["answer"], ["wait", 0.2], ["close"], start=0.4)
        + script(2, ["ask", {"reply": 300, "think": 2500}], ["answer"], ["close"], start=0.6)
    )
    return Case(
        name,
        "Keep-alives through a silence, half-closed connections, servers that close first, an answer after 2.5 s: nothing is wrong.",
        {"client": traffic},
        remote(),
        judge=lambda f, lab: add(f, allowed=["latency-high"]),
    )


@case
def plain_tcp(name):
    """Old stacks: no timestamps, no SACK, no window scaling; what tells connections apart is the initial sequence number."""

    def setup(lab):
        for machine in ("client", "web-1", "web-2"):
            lab.sysctl(machine, net__ipv4__tcp_timestamps="0", net__ipv4__tcp_sack="0", net__ipv4__tcp_window_scaling="0")

    return Case(
        name,
        "TCP without timestamps, SACK and window scaling, many connections of the same content at once.",
        {"client": small(24, gap=0.002, reply=80)},
        setup=setup,
    )


@case
def simultaneous_close(name):
    traffic = script(
        3, ["ask", {"reply": 200, "think": 100, "word": "last"}], ["wait", 0.26], ["shutdown"], ["answer"], ["close"], gap=0.2
    )
    return Case(
        name,
        "Both sides close at the same moment, their FINs cross on a slow way: nothing is wrong.",
        {"client": traffic},
        remote(),
        linger=1,
        faults=[Fault(None, lambda p: p.tcp and "10.244.1.2" in (p.src, p.dst), delay(0.1))],
    )


@case
def fin_lost(name):
    return Case(
        name,
        "The client's FIN is lost once and sent again: the exchange was complete before.",
        {"client": small(3, gap=0.1)},
        remote(),
        linger=1,
        faults=[Fault("loss", lambda p: p.fin, drop, "client", nth=[1], per_flow=True, also=LATE)],
    )


@case
def pod_calls_itself(name):
    return Case(
        name,
        "A pod calls its own service and gets itself for about half of its calls (hairpin).",
        {"web-1": small(8, ("172.31.0.5", 443))},
        captures=[Capture("pod", "web-1"), Capture("node1-cbr0", "node-1", "cbr0"), *STANDARD[1:]],
    )


@case
def pod_calls_itself_nftables(name):
    """Captures make bridges promiscuous; without a rule that drops what is INVALID the node routes its copies to the pod."""
    return Case(
        name,
        "A pod calls its own service, by TCP and by UDP, under kube-proxy's nftables mode: it also gets copies that are half translated.",
        {
            "web-1": small(6, ("172.31.0.5", 443))
            + [{"at": 0.3 + 0.05 * i, "to": ["172.31.0.53", 53], "proto": "udp", "requests": [{}] * 2} for i in range(4)]
        },
        both_protocols(seed_cluster()),
        nft=True,
        captures=[Capture("pod", "web-1"), Capture("node1-cbr0", "node-1", "cbr0"), *STANDARD[1:]],
        case_allowed=["ambiguous-match"],
        edit_text="nothing; packets are not counted, since the copies show under a tuple of their own",
    )


def both_protocols(c):
    c.services.append(Service("dns", "172.31.0.53", [Port(53, 5353, 30053, "dns", "udp")], ["web-1", "web-2"]))
    return c


@case
def fast_open(name):
    def setup(lab):
        for machine in ("client", "web-1", "web-2"):
            lab.sysctl(machine, net__ipv4__tcp_fastopen="3")

    return Case(
        name,
        "TCP fast open: the first connection gets a cookie, the others send their question with the SYN; some of these SYNs are lost.",
        {
            "client": script(
                8,
                ["ask", {"send": 200, "reply": 700}],
                ["answer"],
                ["ask", {}],
                ["answer"],
                gap=0.2,
                options={"fastopen": True},
                sport=lambda i: 41000 + i,
                timeout=6,
            )
        },
        remote(),
        setup=setup,
        faults=[
            Fault(
                "syn-retransmitted",
                lambda p: p.syn and p.payload > 0 and p.sport in (41003, 41006),
                drop,
                "client",
                nth=[1],
                per_flow=True,
                also=["loss", "retransmission", "latency-high"],
            )
        ],
    )


@case
def pod_to_pod(name):
    return Case(
        name,
        "A pod on Node-1 calls a pod on Node-2 by its address: no NAT.",
        {"caller": small(4, ("10.244.1.2", 8443))},
        with_caller(remote()),
        captures=POD_SIDE,
        describe=lambda f: {"path": "pod-to-pod", "entry": "node-1"},
    )


@case
def egress(name):
    def setup(lab):
        lab.run(
            "node-1", "iptables", "-t", "nat", "-A", "POSTROUTING", "-s", "10.244.0.0/24", "!", "-d", "10.240.0.0/12", "-j", "MASQUERADE"
        )
        lab.run(
            "node-1",
            "iptables",
            "-t",
            "nat",
            "-A",
            "POSTROUTING",
            "-s",
            "10.244.0.0/24",
            "-d",
            "10.241.0.4",
            "-m",
            "comment",
            "--comment",
            "kubenet: SNAT for outbound traffic from cluster",
            "-j",
            "MASQUERADE",
            "--random-fully",
        )
        lab.listen("client", "10.241.0.4", 8080)

    def judge(f, lab):
        f["endpoint"] = None  # no pod

    return Case(
        name,
        "A pod calls a server outside the cluster and is masqueraded to its node.",
        {"caller": small(4, ("10.241.0.4", 8080))},
        with_caller(remote()),
        setup=setup,
        judge=judge,
        compress=False,
        captures=[*POD_SIDE, STANDARD[0]],
        describe=lambda f: {"path": "egress", "entry": "node-1"},
    )


@case
def two_entry_nodes(name):
    return Case(
        name,
        "Clients come in by both nodes; each node masquerades and forwards to the other's pod as well as to its own.",
        {"client": small(6, gap=0.06) + small(6, ("10.240.0.5", 32000), start=0.03, gap=0.06)},
        captures=[
            Capture("client", "client"),
            Capture("node1-eth0", "node-1"),
            Capture("node1-cbr0", "node-1", "cbr0"),
            Capture("node2-eth0", "node-2"),
            Capture("node2-cbr0", "node-2", "cbr0"),
        ],
    )


@case
def background_traffic(name):
    c = remote()
    c.clients.append(Client("resolver", "10.241.0.9"))

    def setup(lab):
        lab.listen("node-1", "10.240.0.4", 22)
        lab.listen("resolver", "10.241.0.9", 53, "udp")
        lab.listen("resolver", "10.241.0.9", 6443)

    def noise(lab):
        lab.start("client", conns(1, ("10.240.0.4", 22), requests=[{"reply": 60, "wait": 0.07}] * 12))
        lab.start(
            "node-1",
            [{"at": 0.1 * i, "to": ["10.241.0.9", 53], "proto": "udp"} for i in range(8)]
            + conns(1, ("10.241.0.9", 6443), requests=[{"reply": 700, "wait": 0.2}] * 3),
        )
        lab.spawn("client", "ping", "-q", "-c", "4", "-i", "0.2", "10.240.0.4", stdout=subprocess.DEVNULL)

    return Case(
        name,
        "Beside the service's connections: a shell session to the node, name look-ups, the API server, pings, ARP.",
        {"client": small(5, gap=0.15)},
        c,
        setup=setup,
        during=[(0.02, noise)],
        linger=1.2,
        background=True,
    )


@case
def over_vxlan(name):
    """As flannel does it: the pods of the other node are reached through a VXLAN device, whose address masquerading takes."""

    def setup(lab):
        for node, other in (("node-1", "node-2"), ("node-2", "node-1")):
            mine, theirs = lab.c.node(node), lab.c.node(other)
            net = lambda n: n.pod_cidr.split("/")[0]
            mac = lambda n: "02:00:00:00:00:0" + n.name[-1]
            lab.ip(
                node,
                f"link add flannel.1 address {mac(mine)} mtu 1450 type vxlan id 1 local {mine.ip} dev eth0 dstport 8472 nolearning",
                f"addr add {net(mine)}/32 dev flannel.1",
                "link set flannel.1 up",
                f"neigh add {net(theirs)} lladdr {mac(theirs)} dev flannel.1 nud permanent",
                f"route add {theirs.pod_cidr} via {net(theirs)} dev flannel.1 onlink",
            )
            lab.run(node, "bridge", "fdb", "add", mac(theirs), "dev", "flannel.1", "dst", theirs.ip)
            lab.run(node, "ethtool", "-K", "flannel.1", "tx", "off", "gro", "off")
        for pod in lab.c.pods:
            lab.ip(pod.name, "link set eth0 mtu 1450")

    return Case(
        name,
        "The nodes carry pod traffic in VXLAN, as flannel does: at eth0 the translated packets are inside UDP port 8472.",
        {"client": small(5, send=300, reply=1500)},
        setup=setup,
        compress=False,
    )


# ---- several faults at once, and captures that show a part only


@case
def mixed_faults(name):
    c = seed_cluster()
    c.pods.append(Pod("api-1", "node-2", "10.244.1.7", serve="nothing"))
    c.services.append(Service("api", "172.31.0.77", [Port(80, 9090, 30080, "http")], ["api-1"]))
    c.services.append(Service("empty", "172.31.0.78", [Port(80, 9090, 30090, "http")], []))
    port = lambda first: lambda i: first + i
    traffic = (
        small(6)
        + small(2, start=0.1, sport=port(49000), timeout=3)
        + small(2, start=0.2, sport=port(49010), timeout=4)
        + small(2, ("10.240.0.4", 30080), start=0.3)
        + small(2, ("10.240.0.4", 30090), start=0.4)
        + small(2, ("10.240.0.4", 32001), start=0.5)
        + small(3, start=0.6)
    )

    def judge(f, lab):
        if f["service"].endswith(":30080"):
            failed("1.6|1.5", "connection-refused", allowed=["reset-by-pod"])(f, lab)
        elif f["service"].endswith(":30090"):
            failed("1.2|1.2.1", "no-endpoints-reject", allowed=["icmp-unreachable"])(f, lab)
        elif f["service"].endswith(":32001"):
            failed("1.2|1.1", "node-port-closed")(f, lab)
        elif client_port(f) in (49000, 49001):
            failed("1.1", "request-lost-before-node1", allowed=["syn-retransmitted", "loss"])(f, lab)

    return Case(
        name,
        "Six kinds of trouble in one capture: blocked clients, a refused service, an empty one, a wrong port, lost SYNs.",
        {"client": traffic},
        c,
        judge=judge,
        faults=[
            Fault(None, lambda p: 49000 <= p.sport <= 49001, drop, "client"),
            Fault(
                "syn-retransmitted",
                lambda p: p.syn and 49010 <= p.sport <= 49011,
                drop,
                "client",
                nth=[1],
                per_flow=True,
                also=["loss", "retransmission", "latency-high"],
            ),
        ],
    )


@case
def no_endpoints_nftables(name):
    c = seed_cluster(pods=[])
    c.services.append(Service("ok", "172.31.0.6", [Port(443, 8444, 32001)], ["web-2"]))
    return Case(
        name,
        "nftables mode: a service without endpoints beside a healthy one.",
        {"client": small(3) + small(2, ("10.240.0.4", 32001), start=0.2)},
        c,
        nft=True,
        judge=failed("1.2|1.2.1", "no-endpoints-reject", allowed=["icmp-unreachable"]),
    )


def edited(function):
    """An edit of the capture files: function(directory) with records as pcapfile has them."""
    return lambda directory: function(lambda point: pcapfile.Pcap(directory / f"{point}.pcap"))


@case
def bridge_capture_late(name):
    """The first half of the flows is over before the capture at Node-2 begins."""

    def edit(open_file):
        with open_file("node2-cbr0") as file:
            middle = file.middle()
            file.keep(lambda r: r.time >= middle)

    def judge(f, lab):
        for number in ("1.4", "1.5"):
            f["steps"].pop(number, None)
        f["steps"]["1.6"] = "observed|inferred"

    return Case(
        name,
        "The capture at Node-2 begins when half of the connections are over: they went well all the same.",
        {"client": small(10, gap=0.1)},
        remote(),
        edit=edited(edit),
        judge=judge,
        case_allowed=["capture-starts-midstream"],
        edit_text="the first half of node2-cbr0 was cut off",
    )


@case
def bridge_capture_ends_early(name):
    """Whether the requests reached Node-2 after its capture had ended, nobody can tell."""

    def edit(open_file):
        with open_file("node2-cbr0") as file:
            last = max(r.time for r in file.records if r.tcp)
            file.keep(lambda r: r.time <= last)

    def judge(f, lab):
        if f["verdict"] == "failed":
            f["verdict"] = "undetermined|failed"
            f["steps"] = {k: v for k, v in f["steps"].items() if k in ("1.1", "1.2", "1.2.1", "1.2.2", "1.3", "2.0")}
            f["allowed"] += ["syn-retransmitted", "half-open"]

    ports = []

    def later(p):
        if p.syn and p.dst == "10.244.1.2" and p.sport not in ports:
            ports.append(p.sport)
        return p.dst == "10.244.1.2" and p.sport in ports[4:]

    return Case(
        name,
        "The capture at Node-2 ends before the last connections, which get no answer.",
        {"client": small(4) + small(3, start=2, timeout=3)},
        remote(),
        edit=edited(edit),
        judge=judge,
        faults=[Fault(None, later, drop, "node-1")],
        edit_text="node2-cbr0 was cut after the last packet of the connections that were answered",
    )


@case
def captures_start_midstream(name):
    def edit(open_file):
        for point in ("client", "node1-eth0", "node2-cbr0"):
            with open_file(point) as file:
                first = min(r.time for r in file.records if r.tcp)
                file.keep(lambda r: r.time >= first + 600_000_000)

    def judge(f, lab):
        if f["_r"]["at"] < 0.5:
            add(f, allowed=["capture-starts-midstream"])

    long = conns(4, NODE_PORT, 0, 0.05, requests=[{"send": 200, "reply": 300}] + [{"send": 150, "reply": 400, "wait": 0.3}] * 4)
    return Case(
        name,
        "The captures begin while four connections are open: no handshake of them is in any file.",
        {"client": long + small(4, start=0.9)},
        remote(),
        edit=edited(edit),
        judge=judge,
        case_allowed=["capture-starts-midstream"],
        edit_text="the first 0.6 s of all captures were cut off",
    )


@case
def clock_set_during_capture(name):
    def edit(open_file):
        with open_file("node2-cbr0") as file:
            middle = file.middle()
            for r in file.records:
                if r.time > middle:
                    r.time += 1_700_000_000

    return Case(
        name,
        "Node-2's clock is set forward by 1.7 s in the middle of the capture.",
        {"client": small(12, gap=0.12)},
        remote(),
        edit=edited(edit),
        case_deviations=["clock-step"],
        case_allowed=["clock-skew"],
        edit_text="1.7 s were added to all times in the second half of node2-cbr0",
    )


@case
def captures_one_after_the_other(name):
    def edit(open_file):
        with open_file("client") as file:
            middle = file.middle()
            file.keep(lambda r: r.time < middle)
        for point in ("node1-eth0", "node2-cbr0"):
            with open_file(point) as file:
                file.keep(lambda r: r.time > middle + 100_000_000)

    def judge(f, lab):
        at = f["_r"]["at"]  # the cut lies between the connections at 0.8 and 1.2 s
        seen = ["client"] if at < 0.9 else ["node1-eth0", "node2-cbr0"] if at > 1.1 else []
        f["verdict"], f["steps"], f["counts"] = "ok|undetermined|degraded", {}, {k: v for k, v in f["counts"].items() if k in seen}
        add(f, allowed=["capture-starts-midstream"])

    return Case(
        name,
        "The capture at the client ended before those at the nodes began.",
        {"client": small(10, gap=0.2)},
        remote(),
        edit=edited(edit),
        judge=judge,
        case_deviations=["capture-windows-disjoint"],
        case_allowed=["capture-starts-midstream", "capture-missing"],
        edit_text="client was cut after its first half, the nodes' captures before it",
    )


@case
def capture_lost_packets(name):
    """Packets that the capture at Node-1 did not get, though the network carried them: both legs lack other ones."""

    def edit(open_file):
        with open_file("node1-eth0") as file:
            tcp = [r for r in file.records if r.tcp]
            missed = {id(r) for i, r in enumerate(tcp) if i % 13 == 7}
            file.keep(lambda r: id(r) not in missed)

    return Case(
        name,
        "tcpdump on Node-1 was too slow and missed packets that were carried on.",
        {"client": small(10, send=900, reply=900)},
        remote(),
        edit=edited(edit),
        case_deviations=["capture-drops"],
        judge=lambda f, lab: f["steps"].pop("1.3", None),
        edit_text="every thirteenth TCP packet was taken out of node1-eth0",
    )


@case
def damaged_file(name):
    def edit(open_file):
        with open_file("node2-cbr0") as file:
            pass
        path = file.path
        data = path.read_bytes()
        path.write_bytes(data[:-37])

    return Case(
        name,
        "node2-cbr0 ends in the middle of a record.",
        {"client": small(5)},
        remote(),
        edit=edited(edit),
        compress=False,
        case_deviations=["capture-file-damaged"],
        edit_text="the last 37 bytes of node2-cbr0 were cut off",
        judge=lambda f, lab: f["steps"].pop("1.6", None),
    )


@case
def timestamps_run_backwards(name):
    def edit(open_file):
        with open_file("node1-eth0") as file:
            r = file.records
            for i in range(10, len(r) - 5, 17):
                r[i], r[i + 3] = r[i + 3], r[i]

    return Case(
        name,
        "node1-eth0 was written by two queues: some frames come after later ones.",
        {"client": small(6)},
        remote(),
        edit=edited(edit),
        case_deviations=["capture-order"],
        edit_text="frames of node1-eth0 were exchanged with the third after them, their times kept",
    )


@case
def conntrack_table_full(name):
    old = conns(2, NODE_PORT, 0, 0.05, requests=[{"reply": 200}] + [{"reply": 200, "wait": 0.7}] * 5, timeout=6)
    return Case(
        name,
        "Node-1's conntrack table is full: new connections get no further than Node-1, the two that were open go on.",
        {"client": old + small(5, start=1.5, gap=0.2, timeout=2.5)},
        remote(),
        setup=lambda lab: fill_conntrack(lab, 50),
        during=[(0.5, lambda lab: fill_conntrack(lab, 0))],
        state=("kubectl", "rules"),
        judge=failed("1.2|1.2.1|1.2.2|1.3", "conntrack-table-full", allowed=["request-not-forwarded", "syn-retransmitted"]),
    )


ODD_PORTS = lambda p: p.dst.startswith("10.244.1.") and p.sport % 2 == 1  # noqa: E731
LOST_ON_THE_WAY = dict(also=[*LATE, "syn-retransmitted", "loss", "pod-cidr-route-missing"])


@case
def lost_before_the_pod_interface(name):
    return Case(
        name,
        "No bridge, as with Azure CNI: the pod's own interface was captured, and some connections never get there.",
        {"client": small(8, timeout=4)},
        remote(),
        faults=[Fault("request-lost-between-nodes", ODD_PORTS, drop, "node-1", **LOST_ON_THE_WAY)],
        captures=[*STANDARD[:2], Capture("pod", "web-2")],
        judge=failed("1.4"),
    )


@case
def lost_before_node2_eth0(name):
    return Case(
        name,
        "node2-eth0 was captured instead of the bridge: no connection gets there.",
        {"client": small(4, timeout=4)},
        remote(),
        faults=[Fault("request-lost-between-nodes", to_net("10.244.1."), drop, "node-1", **LOST_ON_THE_WAY)],
        captures=[*STANDARD[:2], Capture("node2-eth0", "node-2")],
        judge=failed("1.4"),
        case_allowed=["capture-missing"],
    )


def host_network(serve=True):
    """The endpoint is node-2 itself: a pod in its host's network, which the lab knows only once the machines are made."""

    def setup(lab):
        pod = Pod("web-host", "node-2", "10.240.0.5")
        lab.c.pods.append(pod)
        lab.c.services[0].pods.append(pod.name)
        if serve:
            lab.servers[pod.name] = lab.listen("node-2", pod.ip, 8443)
        for node in lab.c.nodes:
            lab.apply_rules(node)

    return setup


def in_the_node(f, lab):
    f["endpointNode"], f["local"] = "node-2", False
    f["steps"].update({"1.3": "observed", "1.5": "not-applicable"})


@case
def host_network_endpoint(name):
    return Case(
        name,
        "The endpoint is a pod in node-2's own network, as ingress controllers are: it shows at no bridge.",
        {"client": small(4)},
        seed_cluster(pods=[]),
        setup=host_network(),
        judge=in_the_node,
    )


@case
def host_network_refused(name):
    def judge(f, lab):
        in_the_node(f, lab)
        failed("1.6", "connection-refused", allowed=["reset-by-pod"])(f, lab)

    return Case(
        name,
        "The endpoint is in node-2's own network and nothing listens there: node-2 refuses.",
        {"client": small(4)},
        seed_cluster(pods=[]),
        setup=host_network(serve=False),
        judge=judge,
    )


@case
def node_calls_itself(name):
    return Case(
        name,
        "A process of node-1 calls node-1's own node port: its address needs no masquerading.",
        {"node-1": small(4), "client": small(2)},
        remote(),
    )


ALL_INTERFACES = [STANDARD[0], Capture("node1-any", "node-1", "any"), Capture("node2-any", "node-2", "any")]


@case
def all_interfaces(name):
    # Only some runs have a packet that waits for longer than a millisecond: the one that is kept does.
    return Case(
        name,
        "Both nodes were captured on all interfaces; the first packet to the pod waits there for ARP.",
        {"client": small(5)},
        remote(),
        captures=ALL_INTERFACES,
    )


@case
def all_interfaces_silent_pod(name):
    cluster = remote()
    cluster.pod("web-2").serve = "silent"
    return Case(
        name,
        "Both nodes were captured on all interfaces: node-2 passes on what the pod never answers.",
        {"client": small(3, timeout=4)},
        cluster,
        captures=ALL_INTERFACES,
        judge=failed("1.6|1.5", "no-reply-from-pod", allowed=[*LATE, "syn-retransmitted", "loss", "half-open"]),
    )


@case
def local_pod_silent_on_all_interfaces(name):
    cluster = seed_cluster(pods=["web-1"])
    cluster.pod("web-1").serve = "silent"
    return Case(
        name,
        "Both nodes were captured on all interfaces: a pod on the node that is called never answers.",
        {"client": small(6, timeout=3)},
        cluster,
        captures=ALL_INTERFACES,
        judge=failed(
            "1.6|1.5|1.3", "no-reply-from-pod", allowed=[*LATE, "syn-retransmitted", "loss", "half-open", "request-not-forwarded"]
        ),
    )


@case
def all_interfaces_lost(name):
    return Case(
        name,
        "Both nodes were captured on all interfaces, and some connections never come to node-2.",
        {"client": small(6, timeout=4)},
        remote(),
        faults=[Fault("request-lost-between-nodes", ODD_PORTS, drop, "node-1", **LOST_ON_THE_WAY)],
        captures=ALL_INTERFACES,
        judge=failed("1.4"),
    )


@case
def pod_calls_without_bridges(name):
    return Case(
        name,
        "No bridges: the calling pod, node1-eth0 and node2-eth0 were captured; answers are lost between the nodes.",
        {"caller": small(3, to=("172.31.0.5", 443), timeout=4)},
        with_caller(remote()),
        faults=[
            Fault(
                "reply-lost-between-nodes",
                lambda p: p.src.startswith("10.244.1."),
                drop,
                "node-2",
                also=[*LATE, "syn-retransmitted", "loss", "half-open"],
            )
        ],
        captures=[Capture("pod", "caller"), *STANDARD[1:2], Capture("node2-eth0", "node-2")],
        judge=failed("1.6"),
    )


QUESTIONS = [{"at": i * 0.03, "to": ["10.240.0.4", 30053], "proto": "udp", "timeout": 1.5, "requests": [{}]} for i in range(5)]


@case
def udp_silent_at_the_pod_interface(name):
    cluster = dns(remote())
    cluster.pod("web-2").serve = "silent"
    return Case(
        name,
        "Five questions come to the pod's own interface within a tenth of a second, where the capture ends; none is answered.",
        {"client": QUESTIONS},
        cluster,
        captures=[*STANDARD[:2], Capture("pod", "web-2")],
        judge=failed("1.6", "no-reply-from-pod"),
    )


@case
def udp_answers_lost_on_all_interfaces(name):
    return Case(
        name,
        "Both nodes were captured on all interfaces: answers leave node-2 and never come to node-1.",
        {"client": QUESTIONS},
        dns(remote()),
        faults=[Fault("reply-lost-between-nodes", lambda p: p.src.startswith("10.244.1."), drop, "node-2", also=LATE)],
        captures=ALL_INTERFACES,
        judge=failed("1.6"),
    )


@case
def falls_silent_behind_node2_eth0(name):
    return Case(
        name,
        "The pod falls silent in the middle of connections; node2-eth0 is the last place that was captured, and shows that all came there.",
        {"client": conns(2, NODE_PORT, 0, 0.05, timeout=4, requests=[{"reply": 300}] + [{"reply": 300, "wait": 0.15}] * 8)},
        remote(),
        captures=[*STANDARD[:2], Capture("node2-eth0", "node-2")],
        during=[(0.7, lambda lab: lab.run("web-2", "iptables", "-A", "INPUT", "-j", "DROP"))],
        judge=failed("1.5", allowed=["retransmission", "capture-missing"]),
        case_allowed=["capture-missing"],
    )


@case
def falls_silent_on_all_interfaces(name):
    return Case(
        name,
        "The pod falls silent in the middle of connections; all interfaces of node-2 show that it was given every packet.",
        {"client": conns(2, NODE_PORT, 0, 0.05, timeout=4, requests=[{"reply": 300}] + [{"reply": 300, "wait": 0.15}] * 8)},
        remote(),
        captures=ALL_INTERFACES,
        during=[(0.7, lambda lab: lab.run("web-2", "iptables", "-A", "INPUT", "-j", "DROP"))],
        judge=failed("1.6", "no-reply-from-pod", allowed=LATE),
    )


@case
def pod_to_pod_lost(name):
    return Case(
        name,
        "A pod on Node-1 calls a pod on Node-2 by its address; two of the calls are lost between the nodes.",
        {"caller": small(2, ("10.244.1.2", 8443)) + small(2, ("10.244.1.2", 8443), start=0.2, sport=lambda i: 41000 + i, timeout=2.5)},
        with_caller(remote()),
        captures=POD_SIDE,
        describe=lambda f: {"path": "pod-to-pod", "entry": "node-1"},
        faults=[Fault("request-lost-between-nodes", lambda p: p.sport in (41000, 41001), drop, "node-1", **LOST_ON_THE_WAY)],
        judge=failed("1.4|1.5"),
    )


@case
def pod_calls_own_node_port(name):
    """The bridge shows the pod's address on its way to the other pod: it is masqueraded only behind that."""

    def judge(f, lab):
        f["steps"] = {"1.1": "observed", "2.0": "observed"}

    return Case(
        name,
        "A pod calls the node port of its own node and gets a pod beside it: nothing is wrong.",
        {"caller": small(3)},
        with_caller(seed_cluster(pods=["web-1"])),
        captures=POD_SIDE,
        judge=judge,
        edit_text="nothing; packets are not counted, since the bridge shows them before they are masqueraded",
    )


def refuse_syn(p):
    """A RST in answer to a SYN, in the name of whom it was for."""
    reset = tcp_reset(p, reverse=True)

    def edit(raw):
        raw[reset.head + 4 : reset.head + 12] = struct.pack(">II", 0, (p.seq + 1) & 0xFFFFFFFF)
        raw[reset.head + 13] = 0x14

    return [(0.0004, reset.edited(edit), None)]


@case
def refused_between_nodes(name):
    return Case(
        name,
        "A firewall between the nodes answers the SYNs for Node-2's pod with RST in its name; the pod on Node-1 answers.",
        {"client": small(8)},
        faults=[
            Fault("reset-midstream", lambda p: p.syn and p.dst == "10.244.1.2", refuse_syn, "node-1", also=["request-lost-between-nodes"])
        ],
        judge=failed("1.4"),
    )


@case
def udp_one_way(name):
    def judge(f, lab):
        f["verdict"] = "ok|undetermined|failed|degraded"
        add(f, allowed=["no-reply-from-pod"])

    return Case(
        name,
        "Datagrams that no pod ever answers, by design; one of the pods is on the node that is called.",
        {
            "client": [
                {"at": i * 0.05, "to": ["10.240.0.4", 30053], "proto": "udp", "timeout": 0.3, "requests": [{"reply": -1}] * 6}
                for i in range(6)
            ]
        },
        dns(seed_cluster(), pods=["web-1", "web-2"]),
        judge=judge,
    )


@case
def udp_stale_rules(name):
    return Case(
        name,
        "The rules of a UDP service still hold a pod that is gone: single questions go there, others are answered.",
        {"client": [{"at": i * 0.05, "to": ["10.240.0.4", 30053], "proto": "udp", "timeout": 4} for i in range(10)]},
        dns(seed_cluster(), pods=["web-1", "web-2"], stale=["10.244.1.9"]),
        linger=1,
        judge=failed(
            "1.4|1.5|1.6",
            "stale-endpoint|dnat-unexpected-endpoint",
            allowed=["stale-endpoint", "dnat-unexpected-endpoint", "icmp-unreachable", "no-reply-from-pod", "request-lost-between-nodes"],
        ),
    )


@case
def cut_off_behind_node1(name):
    begun = []

    def later(p):
        if p.dst != "10.244.1.2":
            return False
        begun.append(p.at)
        return p.at - begun[0] > 0.8

    return Case(
        name,
        "Only node1-eth0 was captured; behind it everything is lost from some moment on, and clients send in vain.",
        {"client": conns(3, NODE_PORT, 0, 0.05, timeout=4, requests=[{"reply": 300}] + [{"reply": 300, "wait": 0.15}] * 8)},
        remote(),
        captures=STANDARD[1:2],
        faults=[Fault(None, later, drop, "node-1")],
        judge=failed("1.4|1.5|1.6", allowed=[*LATE, "loss", "idle-timeout-drop"]),
        case_allowed=["capture-missing"],
    )


@case
def dropped_inside_node1(name):
    inside = [*LATE, "loss", "loss-inside-node", "half-open", "syn-retransmitted", "invalid-dropped"]
    talk = [{"reply": 300}] + [{"reply": 300, "wait": 0.2}] * 7

    def setup(lab):  # the answers of two connections, by their mark: behind the NAT nothing else tells them
        for rule in (
            "PREROUTING -p tcp --sport 41000:41001 -j CONNMARK --set-mark 7",
            "FORWARD -o eth0 -m connmark --mark 7 -j DROP",
        ):
            lab.run("node-1", "iptables", "-t", "mangle", "-A", *rule.split())

    def later(lab):
        lab.run("node-1", "iptables", "-I", "FORWARD", "-d", "10.244.0.3", "-j", "DROP")

    def judge(f, lab):
        if client_port(f) <= 41001:
            failed("2.0", "reply-not-forwarded", allowed=inside)(f, lab)
        else:
            failed("1.3", "request-not-forwarded", allowed=inside)(f, lab)

    return Case(
        name,
        "Node-1 drops the answers of its own pod to two connections, and later the requests of all.",
        {
            "client": small(2, sport=lambda i: 41000 + i, timeout=2.2)
            + small(2, start=0.1)
            + conns(2, NODE_PORT, 0.2, 0.05, sport=lambda i: 42000 + i, timeout=2, requests=talk)
        },
        seed_cluster(pods=["web-1"]),
        captures=[*STANDARD, Capture("node1-cbr0", "node-1", "cbr0")],
        setup=setup,
        during=[(1.1, later)],
        judge=judge,
    )


@case
def pod_calls_dropped_inside_node(name):
    def later(lab):
        lab.run("node-1", "iptables", "-I", "FORWARD", "-i", "eth0", "-d", "10.244.0.7", "-j", "DROP")

    def judge(f, lab):
        failed("2.0", "reply-not-forwarded", allowed=[*LATE, "loss-inside-node", "invalid-dropped"])(f, lab)
        if f["verdict"] == "ok" and f["counts"]["node1-eth0"]["Br"] > f["counts"]["pod"]["Ar"]:
            add(f, "loss-inside-node", allowed=LATE)

    single = "-m length --length 700:1500 -m statistic --mode nth --every 7 --packet 3 -j DROP"
    return Case(
        name,
        "A pod calls: its node loses single answers between eth0 and the bridge, and drops all of them from some moment on.",
        {
            "caller": conns(3, ("172.31.0.5", 443), 0, 0.05, timeout=3, requests=[{"reply": 9000}])
            + conns(2, ("172.31.0.5", 443), 0.2, 0.05, timeout=2, requests=[{"reply": 300}] + [{"reply": 300, "wait": 0.2}] * 7)
        },
        with_caller(remote()),
        captures=POD_SIDE,
        setup=lambda lab: lab.run("node-1", "iptables", "-I", "FORWARD", "-s", "10.244.1.2", *single.split()),
        during=[(1.1, later)],
        judge=judge,
    )


@case
def pod_beside_the_caller_falls_silent(name):
    def drop_all(lab):
        lab.run("web-1", "iptables", "-I", "INPUT", "-j", "DROP")

    return Case(
        name,
        "A pod calls a service with a pod on each node; the one beside it falls silent, in open connections and to new ones.",
        {
            "caller": conns(4, ("172.31.0.5", 443), 0, 0.05, timeout=2, requests=[{"reply": 300}] + [{"reply": 300, "wait": 0.2}] * 6)
            + small(6, ("172.31.0.5", 443), start=1.2, timeout=1.6)
        },
        with_caller(seed_cluster()),
        captures=POD_SIDE,
        during=[(0.9, drop_all)],
        judge=failed("1.6", "no-reply-from-pod", allowed=[*LATE, "syn-retransmitted", "half-open", "loss"]),
    )


@case
def translations_flushed(name):
    def judge(f, lab):
        f["steps"] = {}
        failed("1.2|1.6", "nat-remapped-midflow", allowed=[*LATE, "reset-by-pod", "reset-midstream"])(f, lab)

    return Case(
        name,
        "Node-1's conntrack is flushed: open connections go on under other translations, some from a pod on Node-2 to the one on Node-1.",
        {"client": conns(8, NODE_PORT, 0, 0.05, timeout=2, requests=[{"reply": 300}] + [{"reply": 300, "wait": 0.2}] * 5)},
        captures=[*STANDARD, Capture("node1-cbr0", "node-1", "cbr0")],
        during=[(0.8, lambda lab: lab.run("node-1", "conntrack", "-F"))],
        judge=judge,
    )


@case
def local_answers_dropped_on_all_interfaces(name):
    def judge(f, lab):
        begun_later = f["clientSaw"] == "timeout" and not f["counts"]["client"].get("Ar")
        f["steps"] = {"2.0": "missing"} if begun_later else {}
        f["counts"]["node1-any"] = {}  # of answers there the lab counts no half translated ones
        failed("2.0", "reply-not-forwarded", allowed=[*LATE, "syn-retransmitted", "half-open", "loss-inside-node"])(f, lab)

    return Case(
        name,
        "Node-1, captured on all interfaces, drops the answers of its own pod, which show on its bridge half translated.",
        {
            "client": conns(2, NODE_PORT, 0, 0.05, timeout=2, requests=[{"reply": 300}] + [{"reply": 300, "wait": 0.2}] * 6)
            + small(3, start=1.3, timeout=1.6)
        },
        seed_cluster(pods=["web-1"]),
        captures=[STANDARD[0], Capture("node1-any", "node-1", "any"), STANDARD[2]],
        during=[(1.0, lambda lab: lab.run("node-1", "iptables", "-I", "FORWARD", "-o", "eth0", "-j", "DROP"))],
        judge=judge,
        case_allowed=["capture-duplicates"],
    )


@case
def dropped_between_pods_of_one_node(name):
    calls = conns(2, ("172.31.0.5", 443), 0, 0.05, timeout=2, requests=[{"reply": 300}] + [{"reply": 300, "wait": 0.2}] * 6)
    return Case(
        name,
        "A pod calls the one beside it; of both the interfaces are captured, and their node drops the questions of open connections.",
        {"caller": calls},
        with_caller(seed_cluster(pods=["web-1"])),
        captures=[Capture("pod", "caller"), Capture("pod-web", "web-1"), *STANDARD[1:]],
        during=[(0.8, lambda lab: lab.run("node-1", "iptables", "-I", "FORWARD", "-d", "10.244.0.3", "-j", "DROP"))],
        judge=failed("1.3", "request-not-forwarded", allowed=[*LATE, "loss-inside-node"]),
    )


@case
def pod_calls_refused(name):
    c = with_caller(seed_cluster())
    c.pods[0].serve = c.pods[1].serve = "nothing"
    return Case(
        name,
        "A pod calls a service of which no pod listens; it gets each refusal, and its own interface and its bridge were captured.",
        {"caller": small(6, ("172.31.0.5", 443))},
        c,
        captures=POD_SIDE,
        judge=failed("1.6", "connection-refused", allowed=["reset-by-pod"]),
    )


@case
def rejected_beyond_the_limit(name):
    c = seed_cluster(pods=[])
    c.services.append(Service("dns", "172.31.0.53", [Port(53, 5353, 30053, "dns", "udp")], []))
    questions = [{"at": 0.1 + 0.05 * i, "to": ["10.240.0.4", 30053], "proto": "udp", "timeout": 0.6, "requests": [{}]} for i in range(5)]
    return Case(
        name,
        "A client calls services without endpoints twelve times: the kernel says six times at once that it rejects, then once a second.",
        {"client": small(7, timeout=2.5) + questions},
        c,
        judge=failed("1.2|1.2.1", "no-endpoints-reject", allowed=["icmp-unreachable", "syn-retransmitted"]),
    )


@case
def pod_calls_itself_on_all_interfaces(name):
    def judge(f, lab):
        f["steps"] = {}  # which of the pods' interfaces the node shows is open

    return Case(
        name,
        "A pod calls its own service, by TCP and by UDP, and both nodes are captured on all interfaces; the pod itself is not.",
        {
            "web-1": small(4, ("172.31.0.5", 443))
            + [{"at": 0.2 + 0.05 * i, "to": ["172.31.0.53", 53], "proto": "udp", "requests": [{}] * 2} for i in range(6)]
        },
        both_protocols(seed_cluster()),
        captures=ALL_INTERFACES[1:],
        judge=judge,
        case_allowed=["capture-duplicates", "capture-missing"],
        edit_text="nothing; packets are not counted, since bridges show them several times",
    )


@case
def long_answer_leaks_under_local_policy(name):
    def forget(lab):
        lab.run("node-1", "conntrack", "-D", "-p", "tcp", "--orig-port-src", "43000", "--orig-port-dst", "32000")

    def judge(f, lab):
        only_info(f, allowed=["source-preserved"])  # no capture shows what goes to a pod of Node-1
        if client_port(f) == 43000:
            f["_info_only"] = False
            failed(
                "2.0|1.6",
                "reset-by-client-on-stray-packet|reply-leaks-untranslated",
                allowed=[*LATE, *LEAKED],
            )(f, lab)

    return Case(
        name,
        "Policy Local; Node-1 loses a conntrack entry while the pod thinks: all segments of its answer reach the client untranslated.",
        {
            "client": conns(
                3, NODE_PORT, 0, 0.05, sport=lambda i: 43000 + i, timeout=3, requests=[{"reply": 300}, {"reply": 4000, "think": 900}]
            )
        },
        seed_cluster(pods=["web-1"], external="Local"),
        during=[(0.6, forget)],
        judge=judge,
        linger=1,
    )


def numbered_anew(p, sequence, acknowledgement):
    """The packet with other numbers, also in the blocks of SACK; the lab makes its checksum right."""

    def edit(raw):
        def move(at, by):
            raw[at : at + 4] = struct.pack(">I", (int.from_bytes(raw[at : at + 4], "big") + by) & 0xFFFFFFFF)

        move(p.head + 4, sequence)
        if p.flags & 0x10:
            move(p.head + 8, acknowledgement)
        option = p.head + 20
        while option < p.data and raw[option] != 0:
            if raw[option] == 5:
                for block in range(option + 2, option + raw[option + 1], 4):
                    move(block, acknowledgement)
            option += 1 if raw[option] == 1 else raw[option + 1]

    return p.edited(edit)


@case
def numbered_anew_by_a_firewall(name):
    """Cisco's ASA and others do it by default, so that nobody guesses the numbers of a host that chooses them badly."""

    def shift(port):
        return port * 0x9E3779B1 & 0xFFFFFFFF

    def there(p):
        return p.tcp and p.origin == "client" and p.dst == "10.240.0.4"

    def back(p):
        return p.tcp and p.origin == "node-1" and p.dst == "10.241.0.4"

    cluster = seed_cluster()
    cluster.pods[1].serve = "nothing"
    return Case(
        name,
        "A firewall before Node-1 gives connections new sequence numbers. web-2 refuses; some answers of web-1 lose a segment before it.",
        {"client": conns(10, NODE_PORT, 0, 0.05, sport=lambda i: 41000 + i, timeout=6, requests=[{"reply": 12000, "send": 200}])},
        cluster,
        captures=STANDARD,
        faults=[
            Fault("loss", lambda p: back(p) and p.payload > 500 and p.dport % 4 == 1, drop, nth=[4], per_flow=True, also=LATE),
            Fault(None, there, lambda p: [(0, numbered_anew(p, shift(p.sport), 0), None)]),
            Fault(None, back, lambda p: [(0, numbered_anew(p, 0, -shift(p.dport)), None)]),
        ],
        judge=failed("1.6", "connection-refused", allowed=["reset-by-pod"]),
        linger=1,
    )


@case
def living_connections_moved_by_a_balancer(name):
    """Node-2 knows nothing of them: it picks up what comes in the middle (nf_conntrack_tcp_loose) and translates it anew."""
    began = []

    def moves(p):
        if p.dst != ADDRESS:
            return False
        began.append(p.at)
        return p.at - began[0] > 0.8 and p.sport < 41004

    def setup(lab):
        for node in ("node-1", "node-2"):
            lab.sysctl(node, net__ipv4__conf__all__send_redirects="0", net__ipv4__conf__eth0__send_redirects="0")
            translate_balancer(lab, node, "default/web:https loadbalancer IP")

    def judge(f, lab):
        only_info(f, "loadbalancer-floating-ip")
        if f["clientSaw"] != "ok":
            failed("1.2", "nat-remapped-midflow", allowed=["retransmission"])(f, lab)
            f["_info_only"] = False

    cluster = seed_cluster(pods=["web-1", "web-2"])
    cluster.services[0].address = ADDRESS
    return Case(
        name,
        "A load balancer moves four living connections from Node-1 to Node-2, which does not know them; four others stay.",
        {"client": conns(8, (ADDRESS, 443), 0, 0.05, sport=lambda i: 41000 + i, timeout=2, requests=[{"reply": 300, "wait": 0.2}] * 8)},
        cluster,
        setup=setup,
        captures=[*STANDARD, Capture("node1-cbr0", "node-1", "cbr0"), Capture("node2-eth0", "node-2")],
        describe=lambda f: {"path": "loadbalancer", "entry": "node-1", "service": "web"},
        judge=judge,
        linger=1,
        faults=[
            Fault(None, moves, lambda p: [(0, p, "node-2")], "client"),
            Fault(None, lambda p: p.dst == ADDRESS, lambda p: [(0, p, "node-1")], "client"),
        ],
        edit_text="nothing; packets are not counted, since those that move pass two nodes",
    )
