#!/usr/bin/env python3
"""A DNS server for the case `exchangers`: 1,000 domains that live on 10 sets of two mail exchangers.

`dN.domains.example` has two MX of equal preference, `aK.hosts.example` and `bK.hosts.example`, K = N modulo 10. Their A records are
in 127.0.1.0/24. Nothing else exists. It answers over UDP on the address and port given; it says `ready` on standard output,
and when it ends how many questions it was asked.
"""

import re
import signal
import socket
import struct
import sys

# How many there are, how they are called, and for how long an answer may be kept.
DOMAINS, DOMAIN, SETS, ALIVE = 1000, "d{}.domains.example", 10, 3600
A, SOA, MX = 1, 6, 15
NO_NAME = 3


def address(host, which):
    """Where an exchanger listens: `a` or `b` of a set."""
    return f"127.0.1.{2 * which + (1 if host == 'a' else 2)}"


def addresses():
    """All exchangers."""
    return [address(host, which) for which in range(SETS) for host in "ab"]


def _name(text):
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".")) + b"\0"


def _records(name, kind):
    """What is known: a list of (type, data), or None if there is no such name."""
    if found := re.fullmatch(r"d(\d{1,3})\.domains\.example", name):
        which = int(found[1]) % SETS
        return [(MX, struct.pack("!H", 10) + _name(f"{host}{which}.hosts.example")) for host in "ab"] if kind == MX else []
    if found := re.fullmatch(r"([ab])(\d)\.hosts\.example", name):
        return [(A, socket.inet_aton(address(found[1], int(found[2]))))] if kind == A else []
    return None


def answer(question):
    """The answer to one question, in its wire format."""
    at, labels = 12, []
    while question[at]:
        labels.append(question[at + 1:at + 1 + question[at]].decode("ascii", "replace"))
        at += 1 + question[at]
    kind, _ = struct.unpack("!HH", question[at + 1:at + 5])
    records = _records(".".join(labels).lower(), kind)
    code = NO_NAME if records is None else 0
    # An answer, authoritative, recursion available, and "desired" as the question has it.
    flags = 0x8480 | (question[2] & 1) << 8 | code
    head = question[:2] + struct.pack("!HHHHH", flags, 1, len(records or []), 0 if records else 1, 0)
    body = question[12:at + 5]
    for kind, data in records or []:
        body += struct.pack("!HHHIH", 0xC00C, kind, 1, ALIVE, len(data)) + data
    if not records:  # that there is nothing may be remembered as well
        data = _name("ns.example") + _name("root.example") + struct.pack("!IIIII", 1, ALIVE, ALIVE, ALIVE, ALIVE)
        body += _name("example") + struct.pack("!HHIH", SOA, 1, ALIVE, len(data)) + data
    return head + body


def main():
    host, _, port = sys.argv[1].rpartition(":")
    server, asked = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), 0
    server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    server.bind((host, int(port)))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print("ready", flush=True)
    try:
        while True:
            question, client = server.recvfrom(4096)
            asked += 1
            try:
                server.sendto(answer(question), client)
            except (IndexError, struct.error):
                pass  # no question that we can read: it hears nothing
    finally:
        print(asked, flush=True)


if __name__ == "__main__":
    main()
