"""Laws of the rewrite of a file: all bytes but the key's are what they were."""

from __future__ import annotations

import tempfile
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from fakes.local import KEY_ID, NEW, NEW_SECRET, REACH, SECRET
from unleak.stores.aws_credentials import AwsCredentials
from unleak.stores.aws_ini import profiles
from unleak.stores.file_batch import read_batch, serve, written_order, written_paths
from unleak.stores.spellings import Spellings

ends = st.sampled_from([b"\n", b"\r\n", b"\n\n", b"\r\n\r\n"])
odd_bytes = st.binary(max_size=40).filter(
    lambda data: not set(data) & set(b"\r\n[]\x0b\x0c\x1c\x1d\x1e\x85")
)
comments = odd_bytes.map(lambda data: b"# " + data)
settings = st.sampled_from([b"region = eu-west-1", b"output=json", b"  s3 =", b"    a = b", b""])
spaces = st.sampled_from([b"=", b" = ", b" =", b"\t=\t"])


@st.composite
def sections(draw: st.DrawFn) -> bytes:
    """A section with settings and comments in any order, and the key within or not."""
    end = draw(ends)
    name = draw(st.sampled_from([b"[a]", b"[profile b]", b"[ c ]"]))
    lines = draw(st.lists(st.one_of(comments, settings), max_size=4))
    if draw(st.booleans()):
        sign = draw(spaces)
        pair = [
            b"aws_access_key_id" + sign + KEY_ID.encode(),
            b"aws_secret_access_key" + sign + SECRET.encode(),
        ]
        at = draw(st.integers(0, len(lines)))
        lines[at:at] = pair
    return b"".join(line + end for line in [name, *lines])


@given(st.lists(sections(), min_size=1, max_size=4))
def test_only_the_pair_changes_and_nothing_else_in_the_folder(parts: list[bytes]) -> None:
    before = b"".join(parts) + b"[z]\naws_access_key_id = %b\naws_secret_access_key = %b" % (
        KEY_ID.encode(),
        SECRET.encode(),
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "credentials"
        path.write_bytes(before)
        store = AwsCredentials()
        spot = store.spot(str(path))

        store.write(spot, KEY_ID, NEW, store.held(spot, KEY_ID, REACH), REACH)

        after = path.read_bytes()
        assert [each.name for each in Path(folder).iterdir()] == ["credentials"]
    wanted = before.replace(KEY_ID.encode(), NEW.key_id.encode())
    assert after == wanted.replace(SECRET.encode(), NEW_SECRET.encode())


@given(st.text(alphabet="[]# \n\rab=\t", max_size=200))
def test_profiles_never_overlap_and_each_begins_where_it_says(text: str) -> None:
    found = profiles(text)

    for each, following in pairwise(found):
        assert each.start < each.end == following.start
    assert all(text[each.start : each.end].lstrip("\ufeff \t")[0] == "[" for each in found)


@given(st.lists(st.text(max_size=30).filter(lambda text: "\0" not in text), max_size=5))
def test_any_path_survives_the_way_to_a_helper_and_back(paths: list[str]) -> None:
    order = written_order(Spellings(narrow=(b"x",), wide=(b"x",)), "top")
    line = written_paths([f"/nowhere/{path}\udcff\n" for path in paths])

    with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as answers:
        asked.write(order + line)
        asked.seek(0)
        serve(asked, answers)
        answers.seek(0)
        batch = read_batch(answers.read())

    assert [gap.path for gap in batch.gaps] == [f"/nowhere/{path}\udcff\n" for path in paths]
