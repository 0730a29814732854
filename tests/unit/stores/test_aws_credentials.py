"""A credentials file gets a new key in one step, and nothing else in it changes."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from fakes.local import KEY_ID, NEW, NEW_SECRET, REACH, SECRET
from unleak.errors import WrongUse
from unleak.model.secret import Secret
from unleak.stores import atomic_file
from unleak.stores.atomic_file import FileTrouble, replace, take
from unleak.stores.aws_credentials import AwsCredentials
from unleak.stores.file_folder import FolderUnsafe
from unleak.stores.interface import CannotSwap, Destination, KeyPair, Moved, Spot, Written
from unleak.stores.text_file import NoWayBack

OTHER_ID = "AKIAQNZGKIQYOTHER234"
OTHER_SECRET = "zzzzzzzzzzzzzzzzzzz/OTHER/zzzzzzzzzzzzz1"
FILE = f"""\
# made by hand, keep
[default]
aws_access_key_id = {OTHER_ID}
aws_secret_access_key = {OTHER_SECRET}

[prod]   ; the important one
aws_access_key_id={KEY_ID}
region = eu-west-1
aws_secret_access_key={SECRET}
# end
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "credentials"
    path.write_text(FILE)
    path.chmod(0o600)
    return path


def put(path: Path | str, new: KeyPair = NEW, store: AwsCredentials | None = None) -> Written:
    store = store or AwsCredentials()
    spot = store.spot(str(path))
    return store.write(spot, KEY_ID, new, store.held(spot, KEY_ID, REACH), REACH)


def expected(text: str = FILE) -> str:
    return text.replace(KEY_ID, NEW.key_id).replace(SECRET, NEW_SECRET)


def test_it_is_a_destination() -> None:
    assert isinstance(AwsCredentials(), Destination)


@pytest.mark.parametrize("profile", ["", "#prod"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_pair_is_replaced_and_all_else_is_kept(file: Path, profile: str, end: str) -> None:
    file.write_bytes(FILE.replace("\n", end).encode())

    put(f"{file}{profile}")

    assert file.read_bytes() == expected(FILE.replace("\n", end)).encode()


@pytest.mark.parametrize("profile", ["", "#prod"])
def test_the_new_key_is_read_back_from_the_place(file: Path, profile: str) -> None:
    store = AwsCredentials()
    spot = store.spot(f"{file}{profile}")
    before = store.held(spot, KEY_ID, REACH)

    written = store.write(spot, KEY_ID, NEW, before, REACH)

    after = store.held(spot, KEY_ID, REACH)
    assert (before.key_id, after.key_id) == (KEY_ID, NEW.key_id)
    assert after.version == written.version != before.version
    assert store.pair(spot, NEW.key_id, REACH) == NEW
    assert store.pair(spot, KEY_ID, REACH) is None
    assert AwsCredentials().pair(spot, NEW.key_id, REACH) == NEW  # another process, after a crash


def test_the_file_is_its_owners_only_afterwards(file: Path) -> None:
    file.chmod(0o644)

    put(file)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_link_stays_a_link_and_its_target_is_rewritten(file: Path) -> None:
    folder = file.parent / "home"
    folder.mkdir()
    link = folder / "credentials"
    link.symlink_to("../credentials")

    put(link)

    assert link.is_symlink()
    assert file.read_text() == expected()


def test_a_file_that_is_not_there_is_made(tmp_path: Path) -> None:
    path = tmp_path / "credentials"

    put(path)

    text = f"[default]\naws_access_key_id = {NEW.key_id}\naws_secret_access_key = {NEW_SECRET}\n"
    assert path.read_text() == text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["credentials"]


def test_a_profile_that_is_not_there_is_added_at_the_end(file: Path) -> None:
    put(f"{file}#new one")

    assert file.read_text().startswith(f"{FILE}\n[new one]\naws_access_key_id = {NEW.key_id}\n")


def test_a_new_profile_in_the_config_file_is_headed_as_it_wants(tmp_path: Path) -> None:
    put(f"{tmp_path}/config#prod")

    assert (tmp_path / "config").read_text().startswith("[profile prod]\n")


def test_a_profile_that_holds_another_key_is_left_alone(file: Path) -> None:
    with pytest.raises(CannotSwap, match=r"\[default\]"):
        put(f"{file}#default")

    assert file.read_text() == FILE


def test_a_file_that_was_changed_since_it_was_read_is_left_alone(file: Path) -> None:
    store = AwsCredentials()
    spot = store.spot(str(file))
    held = store.held(spot, KEY_ID, REACH)
    file.write_text(FILE + "[theirs]\n")

    with pytest.raises(Moved):
        store.write(spot, KEY_ID, NEW, held, REACH)

    assert file.read_text() == FILE + "[theirs]\n"


def test_a_change_in_the_last_moment_is_not_overwritten(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = take(str(file))
    sync = os.fsync

    def somebody_writes(handle: int) -> None:
        sync(handle)
        stamp = file.stat()
        file.write_text(FILE.replace("region", "REGION"))
        os.utime(file, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))  # the content alone tells

    monkeypatch.setattr(os, "fsync", somebody_writes)

    with pytest.raises(Moved):
        replace(before, b"ours", mode=0o600)

    assert "REGION" in file.read_text()
    assert [each.name for each in file.parent.iterdir()] == ["credentials"]


def test_a_file_that_appears_in_the_last_moment_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "credentials"
    before = take(str(path))
    monkeypatch.setattr(atomic_file, "_is_changed", lambda _: path.write_text("theirs") == 0)

    with pytest.raises(Moved):
        replace(before, b"ours", mode=0o600)

    assert path.read_text() == "theirs"


def test_a_full_disk_leaves_the_old_file_and_no_other(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(FileTrouble, match="No space left"):
        put(file)

    assert file.read_text() == FILE
    assert [each.name for each in file.parent.iterdir()] == ["credentials"]


def test_what_a_killed_process_has_left_is_removed(file: Path) -> None:
    left = file.parent / ".credentials.0123456789ab.unleak-new"
    left.write_text(NEW_SECRET)

    put(file)

    assert not left.exists()


@pytest.mark.parametrize("mode", [0o777, 0o757])
def test_a_folder_that_others_may_write_to_is_refused(file: Path, mode: int) -> None:
    file.parent.chmod(mode)

    with pytest.raises(FolderUnsafe):
        put(file)

    assert file.read_text() == FILE


def test_a_file_with_two_names_is_refused(file: Path) -> None:
    os.link(file, file.parent / "second")

    with pytest.raises(FolderUnsafe, match="several names"):
        put(file)


def test_a_folder_or_pipe_in_the_place_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(FileTrouble):
            put(path)


def test_bytes_that_are_no_utf_8_survive(file: Path) -> None:
    odd = b"\xef\xbb\xbf# caf\xe9 \xff\x00\n"
    file.write_bytes(odd + FILE.encode())

    put(f"{file}#prod")

    assert file.read_bytes() == odd + expected().encode()


def test_no_message_and_no_record_holds_a_secret(file: Path) -> None:
    file.write_text(FILE.replace(KEY_ID, "# nothing"))
    with pytest.raises(CannotSwap) as caught:
        put(f"{file}#prod")
    file.write_text(FILE)
    store = AwsCredentials()
    spot = store.spot(str(file))

    shown = [caught.value.message, caught.value.hint, store.held(spot, KEY_ID, REACH), put(file)]

    for secret in (SECRET, NEW_SECRET, OTHER_SECRET):
        assert secret not in repr([*shown, take(str(file))])


def test_there_is_no_way_back_because_the_old_secret_is_kept_nowhere(file: Path) -> None:
    written = put(file)

    assert written.way_back is None
    with pytest.raises(NoWayBack):
        AwsCredentials().restore(Spot(store="aws-credentials", location=str(file)), written, REACH)


@pytest.mark.parametrize("text", ["", "  ", "a\0b", "x#", "x#a]b", "x# a", "x#a\nb"])
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(WrongUse):
        AwsCredentials().spot(text)


def test_the_home_folder_may_be_written_short() -> None:
    spot = AwsCredentials().spot("~/.aws/credentials#prod")

    assert spot.location == os.path.expanduser("~/.aws/credentials")  # noqa: PTH111 - the same words
    assert spot.field == "prod"


@pytest.mark.parametrize("profile", ["", "#prod"])
def test_a_write_after_a_crash_in_the_first_one_leaves_the_file_as_it_is(
    file: Path, profile: str
) -> None:
    put(f"{file}{profile}")

    put(f"{file}{profile}")  # another process, which does not know what was written

    assert file.read_text() == expected()


def test_which_of_several_foreign_keys_is_meant_is_not_guessed(file: Path) -> None:
    file.write_text(FILE.replace(KEY_ID, "AKIAQNZGKIQYFOREIGN2"))
    store = AwsCredentials()

    assert store.held(store.spot(str(file)), KEY_ID, REACH).key_id is None
    assert store.held(store.spot(f"{file}#default"), KEY_ID, REACH).key_id == OTHER_ID


def test_two_profiles_with_the_old_key_are_both_rewritten(tmp_path: Path) -> None:
    section = f"aws_access_key_id={KEY_ID}\naws_secret_access_key={SECRET}\n"
    path = tmp_path / "credentials"
    path.write_text(f"[a]\n{section}[b]\n{section}")

    put(path, KeyPair(key_id=NEW.key_id, secret=Secret(NEW_SECRET)))

    assert KEY_ID not in path.read_text()
    assert path.read_text().count(NEW_SECRET) == 2
