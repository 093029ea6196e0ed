#!/usr/bin/env python3
"""Runs one mail program as a peer of an interop test: in the foreground, on loopback, in a folder of its own.

When it answers on its port it prints one line of blank-separated key=value pairs and keeps running:

    ready kind=postfix-maildir port=2626 dir=/tmp/peer-x mail=/tmp/peer-x/mail log=/tmp/peer-x/log

`mail` is a maildir (look into `new`): one file per recipient, X-Original-To, Delivered-To or Envelope-to names it.
SIGTERM, SIGINT or SIGKILL ends it and the peer, and with --until-eof also the end of stdin: no peer outlives its test.
It ends when every process it ever started is gone; exit code 0 means that none had to be killed. The folder is removed.

postfix-relay    takes mail on --port and by `sendmail -C DIR/conf`, hands it to --relay: Postfix as a sender
postfix-maildir  takes mail for anybody into the maildir: Postfix as a next hop
postfix-discard  takes mail for anybody and forgets it: a next hop for load
dovecot          takes mail by LMTP for its users one, two and full, on --port and DIR/run/lmtp; shows it by IMAP on DIR/run/imap-test
exim, opensmtpd  take mail for anybody into the maildir; run in the roots that .ci/roots makes
opensmtpd-relay  takes mail on --port and hands it to --relay: OpenSMTPD as a sender; one of opensmtpd's kinds at a time
"""

import argparse
import os
import pathlib
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import chrooted
import dovecot
import postfix
import processes

KINDS = ["postfix-relay", "postfix-maildir", "postfix-discard", "dovecot", "exim", "opensmtpd",
         "opensmtpd-relay"]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--port", type=int, required=True, help="the port to listen on, on 127.0.0.1")
    parser.add_argument("--relay", metavar="HOST:PORT", help="where a sender hands everything to")
    parser.add_argument("--set", metavar="KEY=VALUE", action="append", default=[],
                        help="one more line for Postfix's main.cf, e.g. smtpd_discard_ehlo_keywords=8bitmime")
    parser.add_argument("--until-eof", action="store_true", help="also end when stdin ends")
    parser.add_argument("--keep", action="store_true", help="leave the folder behind")
    return parser.parse_args()


def make_peer(args):
    if args.kind.startswith("postfix-"):
        return postfix.Postfix(args.kind.removeprefix("postfix-"), args.port, args.relay, args.set)
    if args.set or bool(args.relay) != (args.kind == "opensmtpd-relay"):
        raise ValueError("--relay is for senders, and --set for Postfix")
    if args.relay:
        return chrooted.OpenSmtpd(args.port, args.relay)
    return {"dovecot": dovecot.Dovecot, "exim": chrooted.Exim, "opensmtpd": chrooted.OpenSmtpd}[args.kind](args.port)


def answers(port):
    """Whether somebody greets on the port."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as s:
            greeting = s.recv(512)
            s.sendall(b"QUIT\r\n")
            return greeting.startswith(b"220")
    except OSError:
        return False


def wait_until_ready(process, port, seconds=20):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"it ended with {process.returncode} before it answered")
        if answers(port):
            return
        time.sleep(0.05)
    raise RuntimeError(f"no greeting on port {port} within {seconds} s")


def wait_for_the_end(process, wakeup, until_eof):
    """Until the word comes, the end of stdin, or the end of the peer itself (which is an error)."""
    watched = [wakeup] + ([sys.stdin.fileno()] if until_eof else [])
    while process.poll() is None:
        for fd in select.select(watched, [], [], 0.5)[0]:
            if fd == wakeup or not os.read(fd, 4096):
                return
    raise RuntimeError(f"it ended by itself with {process.returncode}")


def run(args, root, peer, wakeup):
    argv, mail, log = peer.prepare(root)
    with open(root / "output", "wb") as output:
        process = processes.start(argv, stdout=output, stderr=subprocess.STDOUT)
    try:
        wait_until_ready(process, args.port)
        print(f"ready kind={args.kind} port={args.port} dir={root} mail={mail} log={log}", flush=True)
        wait_for_the_end(process, wakeup, args.until_eof)
    except RuntimeError as reason:
        print(f"{args.kind}: {reason}", file=sys.stderr)
        for path in sorted({root / "output", log}):
            if path.exists():
                sys.stderr.write("".join(path.read_text(errors="replace").splitlines(True)[-20:]))
        return 1
    finally:
        processes.stop(process)
        killed = processes.sweep()
    if killed:
        print(f"{args.kind}: had to kill {killed}", file=sys.stderr)
    print("stopped", flush=True)
    return 1 if killed else 0


def run_in_folder(args, peer, wakeup):
    processes.adopt_orphans()
    root = pathlib.Path(tempfile.mkdtemp(prefix="peer-", dir=peer.parent)).resolve()
    os.chmod(root, 0o711)  # the peers' unprivileged processes pass through it
    try:
        return run(args, root, peer, wakeup)
    except (postfix.PeerMissing, ValueError) as reason:
        sys.exit(f"peer.py: {reason}")
    finally:
        if not args.keep:
            shutil.rmtree(root, ignore_errors=True)


def main():
    args = arguments()
    if os.geteuid() != 0:
        sys.exit("peer.py: the peers start as root and give its rights up by themselves")
    try:
        peer = make_peer(args)
        if answers(args.port):
            raise ValueError(f"somebody listens on port {args.port} already")
    except (postfix.PeerMissing, ValueError) as reason:
        sys.exit(f"peer.py: {reason}")
    return processes.guarded(lambda wakeup: run_in_folder(args, peer, wakeup))


if __name__ == "__main__":
    sys.exit(main())
