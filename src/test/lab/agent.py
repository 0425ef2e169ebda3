"""Servers and clients as the lab has them, with more manners: agent.py serve|client JSON. A connection with a "script" follows it:

  ["ask", {"send", "reply", "think", "word"}]  a request          ["answer"]        read its answer whole
  ["sip", bytes, pause]  read its answer slowly                   ["wait", seconds]
  ["shutdown"]  no more to send (FIN)    ["abort"]  RST           ["close"]

"options" of a connection: "rcvbuf" in bytes, "keepalive" [idle, interval, count] in seconds and probes, "fastopen" (data with the SYN).
"""
import json
import os
import socket
import sys
import threading
import time

sys.path.insert(0, os.environ["NATLAB"])
from natlab import agent as base  # noqa: E402

plain_session, plain_connection, plain_exchange = base.http_session, base.tcp_connection, base.udp_exchange
plain_listener = base.listener


TCP_FASTOPEN_CONNECT = 30


def listener(ip, port, kind):
    s = plain_listener(ip, port, kind)
    if kind == socket.SOCK_STREAM:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_FASTOPEN, 64)  # of use only where the sysctl allows it
    return s


class Stream:
    """The client's side of HTTP on a socket whose reads are ours to pace."""

    def __init__(self, s):
        self.s, self.rest = s, b""

    def more(self, size=65536):
        data = self.s.recv(size)
        if not data:
            raise ConnectionError("closed")
        self.rest += data

    def answer(self, out, size=65536, pause=0.0):
        while b"\r\n\r\n" not in self.rest:
            self.more(size)
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        length = next(int(h.split(b":")[1]) for h in head.lower().split(b"\r\n") if h.startswith(b"content-length:"))
        while len(self.rest) < length:
            if pause:
                time.sleep(pause)
            self.more(min(size, length - len(self.rest)))
        out["received"] += length
        self.rest = self.rest[length:]


def scripted(c, origin):
    time.sleep(max(0, origin + c["at"] - time.monotonic()))
    s = socket.socket(socket.AF_INET6 if ":" in c["to"][0] else socket.AF_INET, socket.SOCK_STREAM)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    options = c.get("options", {})
    if "rcvbuf" in options:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, options["rcvbuf"])
    if "keepalive" in options:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in zip((socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT), options["keepalive"]):
            s.setsockopt(socket.IPPROTO_TCP, name, value)
    s.settimeout(c.get("timeout", 4))
    out = {"at": c["at"], "to": c["to"], "proto": "tcp", "received": 0, "outcome": "ok", "tag": c.get("tag"), "step": "connect"}
    try:
        s.bind(("", c.get("sport", 0)))
        out["sport"] = s.getsockname()[1]
        if options.get("fastopen"):
            s.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1)  # connects with the first data
        s.connect(tuple(c["to"]))
        out["step"], out["source"] = "data", s.getsockname()[0]
        stream = Stream(s)
        for op, *args in c["script"]:
            if op == "ask":
                r = args[0]
                body = b"x" * r.get("send", 0)
                s.sendall(
                    f"POST /{r.get('reply', 300)}/{r.get('think', 0)}/{r.get('word', 'hello')} HTTP/1.1\r\nHost: web.example\r\n"
                    f"Content-Length: {len(body)}\r\n\r\n".encode() + body
                )
            elif op == "answer":
                stream.answer(out)
            elif op == "sip":
                stream.answer(out, args[0], args[1])
            elif op == "wait":
                time.sleep(args[0])
            elif op == "shutdown":
                s.shutdown(socket.SHUT_WR)
            elif op == "abort":
                base.abort(s)
            elif op == "close":
                s.close()
            else:
                raise ValueError(f"no operation {op}")
    except socket.timeout:
        out["outcome"] = "timeout"
    except ConnectionRefusedError:
        out["outcome"] = "refused"
    except ConnectionResetError:
        out["outcome"] = "reset"
    except OSError as e:
        out["outcome"] = f"error: {e}"
    s.close()
    return out


def patient(c, origin):
    """Datagrams from one socket that go on though answers stay away: "patience" is how long to wait for each."""
    time.sleep(max(0, origin + c["at"] - time.monotonic()))
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    out = {"at": c["at"], "to": c["to"], "proto": "udp", "received": 0, "outcome": "ok", "tag": c.get("tag"), "step": "data"}
    s.bind(("", c.get("sport", 0)))
    out["sport"] = s.getsockname()[1]
    s.connect(tuple(c["to"]))
    s.settimeout(c["patience"])
    for i, r in enumerate(c["requests"]):
        time.sleep(r.get("wait", 0))
        try:
            s.send(f"{out['sport']}/{i}/query".encode() + b"." * r.get("send", 0))
            out["received"] += len(s.recv(65535))
            out["outcome"] = "ok"
        except socket.timeout:
            out["outcome"] = "timeout"
        except OSError as e:  # an ICMP error that came in answer to an earlier datagram
            out["outcome"] = f"error: {e}"
    s.close()
    return out


class LastAnswer:
    """A connection whose server closes first: right after the answer to a request with the word "last"."""

    def __init__(self, conn):
        self.conn, self.last = conn, False

    def __getattr__(self, name):
        return getattr(self.conn, name)

    def makefile(self, mode):
        return LastStream(self.conn.makefile(mode), self)

    def sendall(self, data):
        self.conn.sendall(data)
        if self.last:
            self.conn.shutdown(socket.SHUT_WR)


class LastStream:
    def __init__(self, stream, owner):
        self.stream, self.owner = stream, owner

    def readline(self):
        line = self.stream.readline()
        if b"/last " in line:
            self.owner.last = True
        return line

    def read(self, size):
        return self.stream.read(size)


def client_connection(c, origin):
    return (scripted if "script" in c else plain_connection)(c, origin)


def session(conn, spec):
    if "status" in spec:
        return fixed(conn, spec)
    if "proxy" in spec:
        return relay(conn, spec["proxy"])
    return plain_session(LastAnswer(conn), spec)


def fixed(conn, spec):
    """The same answer to every request."""
    with conn, conn.makefile("rb") as stream:
        while stream.readline():
            length = 0
            while (header := stream.readline()) not in (b"\r\n", b""):
                if header.lower().startswith(b"content-length:"):
                    length = int(header.split(b":")[1])
            stream.read(length)
            body = spec["body"].encode()
            conn.sendall(f"HTTP/1.1 {spec['status']}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)


def relay(conn, target):
    """A proxy: a connection of its own to the target, and bytes both ways."""
    other = socket.create_connection(tuple(target))

    def pump(source, sink):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)

    back = threading.Thread(target=pump, args=(other, conn), daemon=True)
    back.start()
    pump(conn, other)
    back.join()
    conn.close()
    other.close()


base.tcp_connection = client_connection
base.listener = listener
base.udp_exchange = lambda c, origin: (patient if "patience" in c else plain_exchange)(c, origin)
base.http_session = session

if __name__ == "__main__":
    threading.stack_size(256 * 1024)
    {"serve": base.serve, "client": base.client}[sys.argv[1]](json.loads(sys.argv[2]))
