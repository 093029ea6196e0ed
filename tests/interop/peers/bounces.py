#!/usr/bin/python3
"""Reads delivery reports as programs of others do: Python's email package and flufl.bounce, the parser of Mailman.

On standard input, one line for each report: its file, then `recipient=status=action` for each that it has to tell of.
Whatever is not as RFC 3464 and RFC 6522 say is printed, and the end is not 0. It runs with Debian's python3, for which
python3-flufl.bounce is packaged.
"""

import email
import email.policy
import sys

from flufl.bounce import all_failures, scan_message

KNOWN = {
    "original-recipient", "final-recipient", "action", "status", "remote-mta", "diagnostic-code",
    "last-attempt-date", "will-retry-until", "final-log-id", "x-postrider-perhaps-delivered",
}


def complaints(octets, expected):
    """What is wrong with one report."""
    message = email.message_from_bytes(octets, policy=email.policy.compat32)
    if message.defects:
        yield f"defects: {message.defects}"
    if message.get_content_type() != "multipart/report" or message.get_param("report-type") != "delivery-status":
        yield f"type: {message['content-type']}"
        return
    parts = message.get_payload()
    kinds = [part.get_content_type() for part in parts]
    if kinds[:2] != ["text/plain", "message/delivery-status"] or len(kinds) != 3:
        yield f"parts: {kinds}"
        return
    if kinds[2] not in ("message/rfc822", "text/rfc822-headers"):
        yield f"last part: {kinds[2]}"
    yield from status_complaints(parts[1], expected)
    temporary, permanent = all_failures(message)
    found = {address.decode() for address in permanent}
    failed = {recipient for recipient, _, action in expected if action == "failed"}
    if found != failed or temporary:
        yield f"flufl.bounce finds {found} and {temporary}, not {failed}"
    if {address.decode() for address in scan_message(message)} != failed:
        yield "flufl.bounce's scan_message finds others"


def status_complaints(part, expected):
    """What is wrong with the fields."""
    about, *blocks = [block for block in part.get_payload() if block.keys()]
    if not about["reporting-mta"].startswith("dns; ") or not about["arrival-date"]:
        yield f"about the mail: {about.items()}"
    told = set()
    for block in blocks:
        names = [name.lower() for name in block.keys()]
        if len(set(names)) != len(names) or not KNOWN.issuperset(names):
            yield f"fields: {names}"
        if not block["diagnostic-code"].startswith("smtp; ") or not block["remote-mta"].startswith("dns; "):
            yield f"who said what: {block.items()}"
        recipient = block["final-recipient"].split("; ", 1)[1]
        told.add((recipient, block["status"], block["action"]))
    if told != set(expected) or len(blocks) != len(expected):
        yield f"told of {told}, not of {expected}"


def main():
    """All reports; those that are wrong are named."""
    wrong = count = 0
    for line in sys.stdin:
        path, *expected = line.split()
        expected = [tuple(one.rsplit("=", 2)) for one in expected]
        with open(path, "rb") as file:
            octets = file.read()
        for complaint in complaints(octets, expected):
            wrong += 1
            print(f"{path} ({expected}): {complaint}")
        count += 1
    print(f"{count} reports, {wrong} complaints")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
