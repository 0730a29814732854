"""Files like `.env` get a new key in one step."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from fakes.local import KEY_ID, NEW, NEW_SECRET, PAIR, REACH, SECRET
from unleak.stores.file import File
from unleak.stores.interface import CannotSwap, Destination, Moved, Store
from unleak.stores.text_file import NoWayBack

OTHER = "OTHER_ID=AKIAQNZGKIQYOTHER234\n"


def test_it_is_a_store_and_a_destination() -> None:
    assert isinstance(File(), Store)
    assert isinstance(File(), Destination)


@pytest.mark.parametrize("mode", [0o600, 0o640])
def test_the_pair_is_replaced_and_who_may_read_it_stays_the_same(tmp_path: Path, mode: int) -> None:
    path = tmp_path / ".env"
    path.write_text(f"DEBUG=1\n{PAIR}{OTHER}")
    path.chmod(mode)
    store = File()
    spot = store.spot(str(path))

    written = store.write(spot, KEY_ID, NEW, store.held(spot, KEY_ID, REACH), REACH)

    text = f"DEBUG=1\n{PAIR}{OTHER}".replace(KEY_ID, NEW.key_id).replace(SECRET, NEW_SECRET)
    assert path.read_text() == text
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert store.held(spot, KEY_ID, REACH).key_id == NEW.key_id
    assert store.held(spot, KEY_ID, REACH).version == written.version
    assert store.pair(spot, NEW.key_id, REACH) == NEW


def test_a_file_that_is_not_there_is_made_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    store = File()
    spot = store.spot(str(path))
    held = store.held(spot, KEY_ID, REACH)

    store.write(spot, KEY_ID, NEW, held, REACH)

    assert (held.key_id, held.version) == (None, None)
    assert path.read_text() == (
        f"AWS_ACCESS_KEY_ID={NEW.key_id}\nAWS_SECRET_ACCESS_KEY={NEW_SECRET}\n"
    )
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_id_without_its_secret_is_not_half_replaced(tmp_path: Path) -> None:
    path = tmp_path / "notes"
    path.write_text(f"we use {KEY_ID}\n")
    store = File()
    spot = store.spot(str(path))

    with pytest.raises(CannotSwap):
        store.write(spot, KEY_ID, NEW, store.held(spot, KEY_ID, REACH), REACH)

    assert path.read_text() == f"we use {KEY_ID}\n"


def test_a_file_that_went_away_meanwhile_is_not_made_anew(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text(PAIR)
    store = File()
    spot = store.spot(str(path))
    held = store.held(spot, KEY_ID, REACH)
    path.unlink()

    with pytest.raises(Moved):
        store.write(spot, KEY_ID, NEW, held, REACH)


def test_there_is_no_way_back(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text(PAIR)
    store = File()
    spot = store.spot(str(path))

    written = store.write(spot, KEY_ID, NEW, store.held(spot, KEY_ID, REACH), REACH)

    with pytest.raises(NoWayBack):
        store.restore(spot, written, REACH)
