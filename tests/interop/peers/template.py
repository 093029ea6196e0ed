"""Configuration files with @NAME@ for what differs from instance to instance."""

import pathlib
import re

FOLDER = pathlib.Path(__file__).resolve().parent / "conf"


def render(*sources, **values):
    """The files, one after the other, with every @NAME@ replaced. An unknown name is an error, not an empty string."""
    texts = [pathlib.Path(FOLDER, source).read_text(encoding="utf-8") for source in sources]
    return re.sub("@([A-Z_]+)@", lambda m: str(values[m[1]]), "".join(texts))
