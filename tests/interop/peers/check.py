#!/usr/bin/env python3
"""Proves the peers themselves, before any test relies on them: each takes a mail, keeps it, ends, and leaves no process.

A sender is proved by what arrives at a Postfix next hop. Ends with an error at the first that fails; none is left out.
"""

import os
import pathlib
import smtplib
import subprocess
import sys
import time

import processes

PEER = pathlib.Path(__file__).resolve().parent / "peer.py"
PORT = 25970
MAIL = b"Subject: a test\r\nMessage-ID: <check@peer.example>\r\n\r\nfirst\r\n..dot\r\n\xc3\xa4\r\n"


def start(kind, port, *more):
    """A peer, as a Rust test would start it, and what its line says."""
    process = subprocess.Popen([sys.executable, PEER, kind, "--port", str(port), "--until-eof", *more],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    if not line.startswith("ready "):
        raise RuntimeError(f"{kind} does not start")
    return process, dict(word.split("=", 1) for word in line.split()[1:])


def send(port):
    with smtplib.SMTP("127.0.0.1", port, local_hostname="check.example", timeout=20) as client:
        client.sendmail("sender@check.example", ["one@dom.example", "two@dom.example"], MAIL, ["BODY=8BITMIME"])


def wait_for_mails(folder, count, seconds=20):
    """The files of the maildir, once there are as many as expected."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        files = [pathlib.Path(folder, "new", name) for name in os.listdir(f"{folder}/new")]
        if len(files) >= count:
            return files
        time.sleep(0.05)
    raise RuntimeError(f"{len(files)} of {count} mails arrived")


def verify(files):
    """Both recipients are named, and the body came through octet by octet."""
    texts = [f.read_bytes().replace(b"\r\n", b"\n") for f in files]
    for recipient in (b"one@dom.example", b"two@dom.example"):
        if not any(recipient in text.partition(b"\n\n")[0] for text in texts):
            raise RuntimeError(f"no mail for {recipient.decode()}")
    body = MAIL.replace(b"\r\n", b"\n").partition(b"\n\n")[2]
    for text in texts:
        if text.partition(b"\n\n")[2].rstrip(b"\n") != body.rstrip(b"\n"):
            raise RuntimeError(f"the body was changed: {text!r}")


def stop(process):
    process.stdin.close()
    if process.wait(30) != 0:
        raise RuntimeError(f"it ended with {process.returncode}")


def next_hop(kind):
    process, said = start(kind, PORT)
    try:
        send(PORT)
        verify(wait_for_mails(said["mail"], 2))
    finally:
        stop(process)


def discard():
    process, said = start("postfix-discard", PORT)
    try:
        send(PORT)
        deadline = time.monotonic() + 20
        while pathlib.Path(said["log"]).read_text(errors="replace").count("relay=none") < 2:
            if time.monotonic() > deadline:
                raise RuntimeError("its log does not tell of two recipients discarded")
            time.sleep(0.05)
    finally:
        stop(process)


def sender(kind):
    """By SMTP (two recipients), and by the sendmail command of Postfix (a third)."""
    hop, kept = start("postfix-maildir", PORT)
    relay, said = start(kind, PORT + 1, "--relay", f"127.0.0.1:{PORT}")
    try:
        send(PORT + 1)
        verify(wait_for_mails(kept["mail"], 2))
        if kind == "postfix-relay":
            subprocess.run(["sendmail", "-C", f"{said['dir']}/conf", "-f", "sender@check.example", "three@dom.example"],
                           input=MAIL, check=True)
            wait_for_mails(kept["mail"], 3)
    finally:
        stop(relay)
        stop(hop)


def main():
    processes.adopt_orphans()
    checks = {kind: lambda kind=kind: next_hop(kind) for kind in ("postfix-maildir", "exim", "opensmtpd")}
    checks |= {kind: lambda kind=kind: sender(kind) for kind in ("postfix-relay", "opensmtpd-relay")}
    checks["postfix-discard"] = discard
    for kind, check in checks.items():
        begin = time.monotonic()
        try:
            check()
        except (RuntimeError, OSError, smtplib.SMTPException, subprocess.SubprocessError) as reason:
            sys.exit(f"{kind}: FAILED: {reason}")
        left = processes.sweep(grace=0.5)
        if left:
            sys.exit(f"{kind}: FAILED: it left processes behind: {left}")
        print(f"{kind}: works, nothing left ({time.monotonic() - begin:.1f} s)", flush=True)


if __name__ == "__main__":
    main()
