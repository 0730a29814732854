"""Standard output as the place for a new key: only where the person asks for it by name."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING, Final

from unleak.errors import WrongUse
from unleak.stores.interface import CannotSwap, Held, Spot, Written
from unleak.stores.swap import fresh_map
from unleak.stores.text_file import NoWayBack

if TYPE_CHECKING:
    from typing import TextIO

    from unleak.stores.interface import KeyPair, Reach

_NAME: Final = "stdout"


class Stdout:
    """Print the new key as two `export` lines, once; nothing keeps it afterwards.

    For `eval "$(unleak rotate KEY --to stdout)"` and for pipes into a password manager.  Whatever
    else a command has to say goes to standard error.

    Args:
        sink: where to print; the process's standard output at that moment where None.
    """

    name = _NAME
    changes: tuple[str, ...] = ()

    def __init__(self, sink: TextIO | None = None) -> None:
        self._sink = sink

    def spot(self, text: str) -> Spot:
        """Take no location.

        Raises:
            WrongUse: one was given.
        """
        if text:
            message = f"stdout has no place {text[:40]!a} in it"
            raise WrongUse(message, hint="--to stdout")
        return Spot(store=_NAME, location="")

    def held(self, spot: Spot, old_key_id: str, reach: Reach) -> Held:
        """Nothing stands there, and nothing can be read back."""
        del spot, old_key_id, reach
        return Held(key_id=None, version=None, is_readable=False)

    def pair(self, spot: Spot, key_id: str, reach: Reach) -> KeyPair | None:
        """What was printed cannot be had from there again."""
        del spot, key_id, reach
        return None

    def write(self, spot: Spot, old_key_id: str, new: KeyPair, held: Held, reach: Reach) -> Written:
        """Print the key.

        Raises:
            CannotSwap: nobody reads the other end any more.
        """
        del spot, old_key_id, held, reach
        sink = self._sink or sys.stdout
        lines = [f"export {name}={shlex.quote(value)}\n" for name, value in fresh_map(new).items()]
        try:
            sink.write("".join(lines))
            sink.flush()
        except (OSError, ValueError) as error:
            message = f"standard output takes nothing ({type(error).__name__})"
            raise CannotSwap(message, hint="name another place with --to") from None
        return Written(
            version=None,
            way_back=None,
            reload="the new key was printed once and is kept nowhere: store it now",
        )

    def restore(self, spot: Spot, written: Written, reach: Reach) -> None:
        """Refuse: what was printed is printed.

        Raises:
            NoWayBack: always.
        """
        del spot, written, reach
        message = "what was printed cannot be taken back"
        raise NoWayBack(message, hint="deactivate the key that was printed")
