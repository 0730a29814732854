"""The new key on standard output: printed once, readable by a shell, kept nowhere."""

from __future__ import annotations

import io

import pytest

from fakes.stores import NEW, OLD, reach
from unleak.errors import WrongUse
from unleak.stores.interface import CannotSwap
from unleak.stores.stdout import Stdout
from unleak.stores.text_file import NoWayBack


def test_a_shell_can_take_it_up() -> None:
    sink = io.StringIO()
    store = Stdout(sink)
    spot = store.spot("")
    held = store.held(spot, OLD.key_id, reach({}))

    written = store.write(spot, OLD.key_id, NEW, held, reach({}))

    assert sink.getvalue() == (
        f"export AWS_ACCESS_KEY_ID={NEW.key_id}\n"
        f"export AWS_SECRET_ACCESS_KEY={NEW.secret.reveal()}\n"
    )
    assert NEW.secret.reveal() not in f"{spot}{held}{written}"
    assert not held.is_readable
    assert store.pair(spot, NEW.key_id, reach({})) is None


def test_without_a_sink_it_is_the_process_own(capsys: pytest.CaptureFixture[str]) -> None:
    store = Stdout()
    spot = store.spot("")

    store.write(spot, OLD.key_id, NEW, store.held(spot, OLD.key_id, reach({})), reach({}))

    assert NEW.key_id in capsys.readouterr().out


def test_an_end_that_nobody_reads_is_an_error_without_the_secret() -> None:
    sink = io.StringIO()
    sink.close()
    store = Stdout(sink)
    spot = store.spot("")

    with pytest.raises(CannotSwap) as caught:
        store.write(spot, OLD.key_id, NEW, store.held(spot, OLD.key_id, reach({})), reach({}))

    assert NEW.secret.reveal() not in caught.value.message


def test_it_has_no_places_in_it_and_no_way_back() -> None:
    store = Stdout()
    spot = store.spot("")

    written = Stdout(io.StringIO()).write(
        spot, OLD.key_id, NEW, store.held(spot, OLD.key_id, reach({})), reach({})
    )

    with pytest.raises(WrongUse):
        store.spot("somewhere")
    with pytest.raises(NoWayBack):
        store.restore(spot, written, reach({}))
