"""Writes the first corpus: dialogues that reach every command, and replies of every form.

The first octet of an input says how the target cuts it (and, for a session, from which network it comes, and whether it
speaks LMTP); for a file, of which kind the folder is; for a page, whether its character set is declared; for a text, how it
flows; for a mail, the options of its conversions. A line has none, nor has RTF or a winmail.dat.
"""
import base64
import email
import pathlib
import struct

HELLO = b"EHLO c.example\r\nMAIL FROM:<a@b.example> SIZE=10\r\nRCPT TO:<x@here.example>\r\n"
SESSIONS = {
    "data": HELLO + b"DATA\r\nSubject: x\r\n\r\n..dot\r\n.\r\nQUIT\r\n",
    "data_dots": HELLO + b"DATA\r\n..\r\n.\r\nNOOP\r\n",
    "data_empty": HELLO + b"DATA\r\n.\r\n",
    "data_bare": HELLO + b"DATA\r\na\n.\nb\r.\r\nc\r\n.\r\r\n.\r\nNOOP\r\n",
    "data_loop": HELLO + b"DATA\r\n" + b"Received: x\r\n\ty\r\n" * 4 + b"\r\n.\r\n",
    "data_nul": HELLO + b"DATA\r\n\0\xc3\xa4\r\n.\r\n",
    "bdat": HELLO + b"BDAT 5\r\na\r\nb\rBDAT 0\r\nBDAT 2 LAST\r\n\nc",
    "bdat_binary": HELLO.replace(b"SIZE=10", b"BODY=BINARYMIME") + b"BDAT 4 LAST\r\n\0\r\n\n",
    "bdat_refused": b"BDAT 6\r\nQUIT\r\nNOOP\r\n" + HELLO + b"BDAT 2\r\n\n\nRSET\r\nBDAT 0 LAST\r\n",
    "big": HELLO + b"DATA\r\n" + b"0123456789\r\n" * 30 + b".\r\n",
    "parameters": b"EHLO c\r\nMAIL FROM:<a@b> SMTPUTF8 RET=HDRS ENVID=q+2B BODY=8BITMIME\r\n"
    b"RCPT TO:<\xc3\xa4@here.example> NOTIFY=SUCCESS,DELAY ORCPT=utf-8;a\\x{7528}@b\r\nDATA\r\n.\r\n",
    "paths": b"HELO [192.0.2.1]\r\nMAIL FROM:<>\r\nRCPT TO:<postmaster>\r\nRCPT TO:<@a,@b:\"x > \\\"\"@here.example>\r\n"
    b"RCPT TO:<u@[IPv6:::1]>\r\nRCPT TO:<u@b\xc3\xbccher.example>\r\n",
    "small": b"NOOP\r\nVRFY x\r\nEXPN x\r\nHELP\r\nRSET\r\nAUTH PLAIN\r\nSTARTTLS\r\nNO\nOP\r\nGET / HTTP/1.1\r\n",
    "lmtp": HELLO.replace(b"EHLO", b"LHLO") + b"RCPT TO:<y@here.example>\r\nDATA\r\nhi\r\n.\r\nNOOP\r\n",
    "lmtp_nobody": b"LHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<x@b>\r\nDATA\r\nBDAT 1 LAST\r\nxEHLO c\r\n",
    "lmtp_bare": HELLO.replace(b"EHLO", b"LHLO") + b"RCPT TO:<x@here.example>\r\nBDAT 3\r\na\nbBDAT 0 LAST\r\nQUIT\r\n",
    "long": b"x" * 250 + b"\r\nNOOP\r\n",
}
REPLIES = {
    "ehlo": b"250-host\r\n250-SIZE 10\r\n250 DSN\r\n",
    "enhanced": b"550-5.7.1 no\r\n550 5.7.1 and no\r\n354 go\r\n",
    "short": b"250\r\n221 \n",
    "differ": b"250-a\r\n251 b\r\n",
    "control_behind_code": b"452 4.1.234\0\0l\n",
    "garbage": b"HTTP/1.1 400 Bad Request\r\n",
    "odd": b"250 2.0\r\n450 4.1234.1 x\r\n451 4.3.0\r\n452 \xff\r\x00\r\n",
}
FILES = {
    "lines": b"x-sender: a@b.example\r\nx-receiver: <c@d.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;c@d.example\r\n"
    b"Subject: x\r\n\r\n.\r\n..\r\n",
    "header": b"From: A <a@b.example>\nSender: s\nTo: c@d.example,\n e@f.example\nBcc: g@h.example\n\ntext",
    "parameters": b"X-Sender: <> RET=HDRS ENVID=q BODY=8BITMIME\nX-Receiver:\n\t\"a b\"@c\n\nbody\n",
    "ended": b"x-sender: a@b\nx-receiver: c@d\nX-EndOfInjectedXHeaders: \nX-Receiver: e@f\n\n\xc3\xa4\n",
    "exported": b"\xef\xbb\xbfx-sender: a@b\nx-createdby: us\nx-receiver: c@d\nx-source: s\nBcc: c@x\n\nt",
    "resent": b"Resent-From: a@b\nResent-To: c@d\nResent-Bcc: e@f\nFrom: x@y\nTo: z@z\n\nt\n.\n",
    "empty": b"",
    "nul": b"x-sender: a@b\nx-receiver: c@d\n\n\0",
}
LINES = {
    "send": b'{"do":"send","tag":1,"octets":5,"from":"a@b","to":["c@d",{"address":"e@f","notify":"never"}],"key":"k"}',
    "redeem": b'{"do":"redeem","tag":2,"ticket":"0123456789abcdef0123456789abcdef"}',
    "status": b'{"do":"status","tag":3,"id":"0000002A"}',
    "queue": b'{"do":"queue","tag":4,"after":"0","most":10}',
    "unknown": b'{"do":"x","tag":4,"octets":7}',
    "sent": b'{"is":"sent","tag":1,"id":"0000002A","repeated":false}',
    "error": b'{"is":"error","tag":1,"code":"no_recipient","text":"to"}',
}
RTF = {
    "letter": rb"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fcharset0 A;}{\f1\fcharset204 B;}{\f2\fcharset128 C;}{\f3\cpg437 D;}"
    rb"{\f4\fcharset2 Symbol;}}{\colortbl;\red0\green0\blue255;}{\info{\author me}}\fs22 {\b b}\'e4\f1\'cf{\f2\'83\'65}"
    rb"\f3\'81\f4\'b7\uc1\u8364 ?\u-10179 ?\u-8704 ?\par\~\_\-\emdash\bullet{\footnote n}{\v h}\page}",
    "links": rb'{\rtf1{\field{\*\fldinst HYPERLINK "https://x.example/"}{\fldrslt\ul here}}{\field{\*\fldinst PAGE}{\fldrslt 3}}}',
    "lists": rb"{\rtf1\pard\li720\fi-360{\listtext 1.\tab}one\par{\pntext\'b7\tab}two\par\pard\qc\ls1\ilvl1 x\par}",
    "tables": rb"{\rtf1\trowd\cellx1\cellx2\intbl a\cell b\par c\cell\row\trowd\cellx1\intbl\itap2 in\nestcell"
    rb"{\*\nesttableprops\trowd\cellx1\nestrow}\itap1 out\cell\row\pard f}",
    "pictures": b"{\\rtf1{\\shppict{\\pict\\pngblip\\picw1 8950}}{\\nonshppict{\\pict 00}}{\\pict\\jpegblip\\bin3 }{\0}"
    b"{\\object{\\*\\objdata 00}{\\result b}}}",
    "unicode": rb"{\rtf1\uc2\u8364 ab{\uc0\u55357}{\u56832 ?}{\upr{a\'e4}{\*\ud{b\u228 ?}}}\mac\'8a\pc\'84}",
    "from_text": rb"{\rtf1\ansi\fromtext\uc1 a\tab b\par \{c\}\'e4}",
    "from_html": rb"{\rtf1\ansi\fromhtml1{\*\htmltag <p>}\htmlrtf{\b \htmlrtf0 Hello\htmlrtf}\htmlrtf0{\*\htmltag </p>}}",
    "damaged": rb"{\rtf1{\b a}}}{\u99999999999 \'zz\bin99 x",
}
# The examples of [MS-OXRTFCP] section 4.
COMPRESSED = {
    "simple": bytes.fromhex("2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"),
    "crossing": bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0"),
    "mela": struct.pack("<II4sI", 12 + 7, 7, b"MELA", 0) + rb"{\rtf1}",
}
PAGES = {
    "table": b"<table><tr><th>a<th>b<tr><td>1<td>2</table><ul><li>x<ol><li>y</ol></ul><hr>",
    "quote": b"<blockquote type=cite>a<pre>b\n  c</pre></blockquote><p>d<br>e<p style='display:none'>f",
    "link": b"<a href='https://a.example/?a&amp;b'>a</a><img src=cid:x alt=y><a href=javascript:x>z</a>",
    "meta": b"<!DOCTYPE html><head><meta charset=koi8-r><title>t</title><style>p{}</style></head>\xf0<!-- c -->&euro;&#8364;&",
    "mark": b"\xff\xfe<\0p\0>\0\xe4\0",
    "odd": b"<script>if (a < b) x('</p>')</script></p </ <a b='>'>{\\}<b<!--",
}
TEXTS = {
    "flowed": b"> one \n> two\n>> three\n From me\n-- \nme\n",
    "links": b"See www.a.example/x?y&z, <a@b.example> (http://c.example/(d)).\n<b>&amp;\"'\t  x\n",
    "wide": "\u8a9e\u8a00\u5b66\u7fd2 \u00e4 \U0001f600\u00a0x\r\n> > y\n".encode(),
}


def attribute(level, number, octets):
    return struct.pack("<BII", level, number, len(octets)) + octets + struct.pack("<H", sum(octets) & 0xFFFF)


def properties(*all):
    """A list of properties: their types and numbers, and their octets."""
    listed = [struct.pack("<HH", kind, number) + octets for kind, number, octets in all]
    return struct.pack("<I", len(all)) + b"".join(listed)


def text(words):
    octets = words.encode("utf-16-le") + b"\0\0"
    return struct.pack("<II", 1, len(octets)) + octets + b"\0" * (-len(octets) % 4)


def binary(octets):
    return struct.pack("<II", 1, len(octets)) + octets + b"\0" * (-len(octets) % 4)


def named(number, key):
    return (number, bytes.fromhex("0220060000000000c000000000000046") + struct.pack("<II", 0, key))


def streams():
    """What Outlook puts into a winmail.dat, as small as it can be."""
    head = b"\x78\x9f\x3e\x22\x07\0" + attribute(1, 0x00089006, b"\0\0\1\0") + attribute(1, 0x00069007, b"\xe4\4\0\0\0\0\0\0")
    props = lambda *all: attribute(1, 0x00069003, properties(*all))
    (start, start_name), (end, end_name) = named(0x8000, 0x820D), named(0x8001, 0x820E)
    time = struct.pack("<Q", 125962560000000000)
    rendering = attribute(2, 0x00069002, b"\1\0\xff\xff\xff\xff" + b"\0" * 8)
    inner = bytes.fromhex("0703020000000000c000000000000046") + head + props((0x1F, 0x1000, text("inner")))
    return {
        "note": head + attribute(1, 0x00078008, b"IPM.Microsoft Mail.Note\0") + attribute(1, 0x00018004, b"Hi\0")
        + attribute(1, 0x0002800C, b"text") + attribute(1, 0x00038005, struct.pack("<7H", 2000, 2, 29, 1, 2, 3, 2)),
        "bodies": head + props((0x1F, 0x001A, text("IPM.Note")), (0x1F, 0x1000, text("text")), (0x102, 0x1013, binary(b"<p>page")),
                               (0x102, 0x1009, binary(COMPRESSED["simple"])), (3, 0x1016, struct.pack("<I", 3))),
        "files": head + rendering + attribute(2, 0x00018010, b"a.txt\0") + attribute(2, 0x0006800F, b"octets")
        + attribute(2, 0x00069005, properties((0x1F, 0x3707, text("\u00e4.txt")), (0x1F, 0x370E, text("text/plain")))),
        "message": head + rendering + attribute(2, 0x00069005, properties((3, 0x3705, struct.pack("<I", 5)), (0xD, 0x3701, binary(inner)))),
        "people": head + attribute(1, 0x00069004, struct.pack("<I", 1) + properties((3, 0x0C15, struct.pack("<I", 1)),
                                   (0x1F, 0x3001, text("Bob")), (0x1F, 0x39FE, text("b@c.example"))))
        + props((0x1F, 0x0C1A, text("Ann")), (0x1F, 0x5D01, text("a@b.example")), (0x40, 0x0039, time)),
        # Took all memory once: a row that is cut short was read again and again.
        "recipients_cut_short": head + attribute(1, 0x00069004, struct.pack("<I", 1 << 31) + b"\1\0\0"),
        "meeting": head + props((0x1F, 0x001A, text("IPM.Schedule.Meeting.Request")), (0x40, start, start_name + time),
                                (0x40, end, end_name + time)),
        "contact": head + props((0x1F, 0x001A, text("IPM.Contact")), (0x1F, 0x3001, text("Ann Example")), (0x1F, 0x3A08, text("+49"))),
        "many": head + props((0x1003, 0x1001, struct.pack("<III", 2, 1, 2)), (0x1E, 0x0037, binary(b"a\0")), (0xB, 0x0E1F, b"\1\0\0\0")),
    }


def multi(kind, boundary, *parts):
    between = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts)
    return b"Content-Type: multipart/" + kind + b"; boundary=" + boundary + b"\r\n\r\n" + between + b"--" + boundary + b"--\r\n"


def whole_mails():
    """Mails as programs send them, as small as they can be."""
    text = b"Content-Type: text/plain; charset=utf-8; format=flowed\r\n\r\none \r\ntwo\r\n"
    page = b"Content-Type: text/html; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>Gr=FC=DFe <img src=3Dcid:a@b>"
    picture = b"Content-Type: image/png\r\nContent-ID: <a@b>\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw=="
    file = b"Content-Type: application/pdf; name=a.pdf\r\nContent-Disposition: attachment; filename*=utf-8''%C3%A4.pdf\r\n\r\n%PDF"
    tnef = lambda octets: (
        b"Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(octets)
    )
    related = multi(b"related", b"r", page, picture)
    top = b"Received: a\r\n\tb\r\nSubject: s\r\nMIME-Version: 1.0\r\n"
    mails = {f"tnef_{name}": top + multi(b"mixed", b"_1_", text, tnef(octets)) for name, octets in streams().items()}
    return mails | {
        "page": top + page,
        "related": top + multi(b"mixed", b"m", related, file, text),
        "alternative": top + multi(b"alternative", b"a", text, related, b"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR"),
        "rtf": top + b"Content-Type: text/rtf\r\n\r\n" + RTF["letter"],
        "signed": top + multi(b'signed; protocol="application/pgp-signature"', b"s", related, b"Content-Type: application/pgp-signature\r\n\r\nx"),
        "inline": b"DKIM-Signature: v=1\r\n" + top + b"\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\n\r\nx\r\n",
        "message": top + multi(b"mixed", b"m", text, b"Content-Type: message/rfc822\r\n\r\n" + top + tnef(streams()["bodies"])),
        "digest": top + multi(b"digest", b"d", b"\r\nSubject: i\r\n\r\nx", b""),
        "binary": top + b"Content-Type: application/ms-tnef\r\nContent-Transfer-Encoding: binary\r\n\r\n" + streams()["files"],
        "cut": top + multi(b"mixed", b"m", related)[:150],
        "lf": (top + multi(b"mixed", b"m", related, file)).replace(b"\r\n", b"\n"),
    } | {name: octets for name, octets in fixtures("eml").items()}


def fixtures(extension):
    """Files of the converters' own tests: their names and octets."""
    folder = pathlib.Path(__file__).parent.parent / "convert/tests/fixtures"
    return {f"fixture_{path.stem}": path.read_bytes() for path in sorted(folder.rglob(f"*.{extension}"))}


def winmails():
    """What is attached to the mails among them."""
    for name, octets in fixtures("eml").items():
        for part in email.message_from_bytes(octets).walk():
            if part.get_content_type() == "application/ms-tnef":
                yield name, part.get_payload(decode=True)


def converters(here):
    """The first octet of a page says that no character set was declared; that of a text, columns and DelSp."""
    of_rtf = RTF | fixtures("rtf")
    pages = {name: b"\0" + octets for name, octets in (PAGES | fixtures("html")).items()}
    texts = {f"{name}_{how}": bytes([how]) + octets for name, octets in TEXTS.items() for how in (20, 61)}
    texts |= {name: b"\x3c" + octets for name, octets in fixtures("txt").items()}
    winmail = streams() | dict(winmails())
    mails = {name: bytes([how]) + octets for how, (name, octets) in enumerate(whole_mails().items())}
    all_seeds = {"rtf": of_rtf, "lzfu": COMPRESSED, "html": pages, "text": texts, "tnef": winmail, "mail": mails}
    for target, seeds in all_seeds.items():
        (here / target).mkdir(parents=True, exist_ok=True)
        for name, octets in seeds.items():
            (here / target / name).write_bytes(octets)


def main():
    here = pathlib.Path(__file__).parent / "corpus"
    for target, seeds in (("session", SESSIONS), ("reply", REPLIES)):
        (here / target).mkdir(parents=True, exist_ok=True)
        for name, octets in seeds.items():
            lmtp = 0x40 if name.startswith("lmtp") else 0
            (here / target / name).write_bytes(bytes([0x7F ^ lmtp]) + octets)
            if b"bare" in name.encode():
                (here / target / f"{name}_lenient").write_bytes(bytes([0xFF ^ lmtp]) + octets)
    for target, seeds in (("pickup", FILES), ("program", LINES)):
        (here / target).mkdir(parents=True, exist_ok=True)
        for name, octets in seeds.items():
            for how in range(4) if target == "pickup" else [None]:
                of = "" if how is None else f"_{how}"
                (here / target / f"{name}{of}").write_bytes((b"" if how is None else bytes([how])) + octets)
    converters(here)


main()
