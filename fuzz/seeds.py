"""Writes the first corpus: dialogues that reach every command, and replies of every form.

The first octet of an input says how the target cuts it (and, for a session, from which network it comes, and whether it
speaks LMTP); for a file, of which kind the folder is. A line has none.
"""
import pathlib

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


main()
