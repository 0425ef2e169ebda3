"""Cutting and changing the capture files that tcpdump wrote: little-endian pcap, microseconds, Ethernet."""
import struct
from dataclasses import dataclass


@dataclass(eq=False)
class Record:
    time: int  # nanoseconds
    data: bytes
    length: int  # on the wire

    @property
    def tcp(self):
        return self.data[12:14] == b"\x08\x00" and self.data[23] == 6


class Pcap:
    """The records of a file; as a context manager it writes them back."""

    def __init__(self, path):
        self.path = path
        data = path.read_bytes()
        self.head, self.records, at = data[:24], [], 24
        if self.head[:4] != b"\xd4\xc3\xb2\xa1":
            raise ValueError(f"{path} is no little-endian pcap with microseconds")
        while at < len(data):
            sec, usec, size, length = struct.unpack("<IIII", data[at : at + 16])
            self.records.append(Record(sec * 10**9 + usec * 1000, data[at + 16 : at + 16 + size], length))
            at += 16 + size

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            self.path.write_bytes(
                self.head
                + b"".join(
                    struct.pack("<IIII", r.time // 10**9, r.time % 10**9 // 1000, len(r.data), r.length) + r.data
                    for r in self.records
                )
            )

    def keep(self, wanted):
        self.records = [r for r in self.records if wanted(r)]

    def middle(self):
        """Half-way between the first and the last TCP packet."""
        times = [r.time for r in self.records if r.tcp]
        return (min(times) + max(times)) // 2
