"""Text streams that claim to be a terminal or a pipe with an encoding of its own."""

from __future__ import annotations

import io


class FakeTerminal(io.StringIO):
    """Looks like a terminal that speaks UTF-8."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


class Pipe(io.TextIOWrapper):
    """A pipe with an encoding, whose bytes can be read back."""

    def __init__(self, encoding: str = "utf-8") -> None:
        self.raw_bytes = io.BytesIO()
        super().__init__(self.raw_bytes, encoding=encoding, newline="\n")

    @property
    def text(self) -> str:
        self.flush()
        return self.raw_bytes.getvalue().decode(self.encoding)
