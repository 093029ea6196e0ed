"""The two sides: an MTA in a fresh folder, and how its sendmail is called."""

import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
sys.path[:0] = [str(REPOSITORY / "tests/interop/peers"), str(REPOSITORY / "benches/compare")]

import mtas  # noqa: E402  (after the path)
import template  # noqa: E402

# Both get the same: the sender, a lone dot that is text, the recipient.
WORDS = ["-i", "-f", "sender@source.example", "recipient@sink.example"]


class Postfix(mtas.Postfix):
    """The Postfix of benches/compare, and its own sendmail, which starts the set-gid postdrop."""

    port, sink_port = 2576, 2677

    def sendmail(self):
        program = "/usr/sbin/sendmail"
        # Another package may have put its own there.
        if not os.path.exists("/usr/sbin/postdrop"):
            raise mtas.postfix.PeerMissing("postfix is not installed (.ci/packages installs it)")
        return [program, "-C", str(self.folder / "conf"), *WORDS]


class Postrider(mtas.Postrider):
    port, sink_port = 2575, 2676

    def prepare(self):
        values = {"DIR": self.folder, "PORT": self.port, "SINK_PORT": self.sink_port}
        self.config = self.folder / "settings.toml"
        self.config.write_text(template.render(HERE / "sendmail.toml", **values), encoding="utf-8")
        return super().prepare()

    def sendmail(self):
        return [str(REPOSITORY / "target/release/postrider"), "sendmail", "-C", str(self.config), *WORDS]


SIDES = [Postfix, Postrider]
