"""What these cases need beyond the lab's own parts: paths without a node port, load balancers, own clients and servers.

Imported by cases.py, which the lab loads; it puts its own classes in the place of the lab's.
"""
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import natlab
import natlab.case
import natlab.lab
from natlab.fabric import Packet
from natlab.lab import endpoint
from natlab.system import sh

HERE = Path(__file__).parent
AGENT = str(HERE / "agent.py")
os.environ["NATLAB"] = str(Path(natlab.__file__).parent.parent)


@dataclass
class Case(natlab.case.Case):
    describe: object = None  # describe(flow): {"path", "entry", "service", "translated"} of a flow that is not for a node port
    background: bool = False  # the captures hold traffic that the truth does not list
    complete: object = None  # complete(flows, lab): correct the truth where a flow alone does not tell
    compress: bool = True  # gzip the captures


class Lab(natlab.lab.Lab):
    def play(self):
        truth = super().play()
        if self.case.compress:
            for cap in self.case.captures:
                sh("gzip", "-9n", str(self.out / f"{cap.point}.{cap.suffix}"))
        return truth

    def spawn(self, role, *argv, **kwargs):
        return super().spawn(role, *[AGENT if a.endswith("natlab/agent.py") else a for a in argv], **kwargs)

    def agent(self, role, mode, spec, **kwargs):
        return self.spawn(role, sys.executable, "-u", AGENT, mode, json.dumps(spec), stdout=subprocess.PIPE, **kwargs)

    def listen(self, role, ip, port, kind="http", **spec):
        """A server on any machine."""
        process = self.agent(role, "serve", [{"kind": kind, "ip": ip, "port": port, "name": role, **spec}])
        self.ready(process, f"server of {role}")
        return process

    def start(self, role, connections):
        """Traffic that the truth does not list; it ends by itself."""
        process = self.spawn(
            role, sys.executable, "-u", AGENT, "client", json.dumps(connections), stdout=subprocess.PIPE, stdin=subprocess.PIPE
        )
        self.ready(process, f"traffic of {role}")
        process.stdin.write("go\n")
        process.stdin.flush()

    def chain(self, role, pattern, table="nat"):
        """The rules of a machine that contain the pattern, as iptables-save prints them."""
        return [line for line in self.run(role, "iptables-save", "-t", table).splitlines() if pattern in line]


class Truth(natlab.lab.Truth):
    def flow(self, machine, r, translations):
        f = super().flow(machine, r, translations)
        more = self.case.describe(f) if self.case.describe else None
        if not more:
            return f
        f["path"], f["entryNode"] = more["path"], more["entry"]
        service = next((s for s in self.c.services if s.name == more.get("service")), None)
        if service:
            port = service.ports[0]
            f.update(clusterIp=f"{service.cluster_ip}:{port.port}", serviceName=service.key(port), _service=service)
        to_ip, to_port = r["to"]
        key = (more["entry"], r["proto"], f["_a"][0], r["sport"], to_ip, to_port)
        found = sorted(t for t in translations.get(key, []) if t[0] >= f["_start"] - 0.1)
        b = more.get("translated") or (found and (*found[0][1], *found[0][2])) or None
        if b and (b[:2] != f["_a"][:2] or b[2:] != f["_a"][2:]):
            target = self.c.node_of_pod_ip(b[2])
            f.update(
                translated={"source": endpoint(*b[:2]), "destination": endpoint(*b[2:])},
                endpoint=endpoint(*b[2:]),
                _b=tuple(b),
                endpointNode=target.name if target else None,
                local=target.name == more["entry"] if target else None,
            )
        return f

    def observe(self, f):
        super().observe(f)
        a, b = f["_a"], f["_b"]
        if f["path"] != "nodeport" or not b or b[:2] == a[:2]:
            return
        # With bridge-nf-call-iptables the bridge shows the answer of its own pod half translated: pod:P -> client:C.
        for point, packets in self.packets.items():
            half = sum(
                1
                for p in packets
                if p.tcp == (f["protocol"] == "tcp")
                and (p.src, p.sport, p.dst, p.dport) == (b[2], b[3], a[0], a[1])
                and f["_start"] - 0.05 <= p.time / 1e9 < f["_end"]
            )
            if half and f["local"] and point.endswith("-cbr0"):
                f["counts"][point]["Br"] = f["counts"][point].get("Br", 0) + half

    def steps(self, f):
        if f["path"] in ("nodeport", "clusterip"):
            return super().steps(f)
        return super().steps({**f, "path": "nodeport"}) if f["path"] == "loadbalancer" else {}

    def derive(self):
        truth = super().derive()
        if self.case.complete:
            self.case.complete(truth["flows"], self.lab)
        if self.case.background:
            truth["background"] = True
        return truth


def kubectl_list(cluster):
    """As the lab's, with what a service of type LoadBalancer or with a health-check node port also has."""
    answer = plain_kubectl_list(cluster)
    for s in cluster.services:
        for item in answer["items"]:
            if item["kind"] == "Service" and item["metadata"]["name"] == s.name:
                if getattr(s, "address", None):
                    item["spec"]["type"] = "LoadBalancer"
                    item["status"]["loadBalancer"] = {"ingress": [{"ip": s.address, "ipMode": "VIP"}]}
                if getattr(s, "health_port", None):
                    item["spec"]["healthCheckNodePort"] = s.health_port
    return answer


def read_pcap(file):
    """As the lab's; a packet inside VXLAN is taken for itself."""
    found = []
    for p in plain_read_pcap(file):
        if p.udp and p.dport == 8472 and not p.later_fragment:
            inner = Packet(p.raw[p.head + 8 + 8 + 14 :])
            inner.time, inner.frame = p.time, p.frame
            p = inner
        found.append(p)
    return found


plain_read_pcap = natlab.lab.read_pcap
natlab.lab.read_pcap = read_pcap
plain_kubectl_list = natlab.lab.kubectl_list
natlab.lab.kubectl_list = kubectl_list
natlab.lab.Lab, natlab.lab.Truth = Lab, Truth
