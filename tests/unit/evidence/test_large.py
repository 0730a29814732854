"""Fifty megabytes of text: read to the end, and nothing of it kept."""

from __future__ import annotations

from unleak.evidence.paste import decode, extract

ID = "AKIA2E0A8F3B244C9986"
SECRET = "k3Yq9s2LmZ8vX1cB7nD4fG6hJ0pR5tW/uE+iOaQz"
MEGABYTES = 50


def test_a_key_at_the_end_of_fifty_megabytes_is_found() -> None:
    line = b"2026-11-24T07:00:00Z INFO request served in 12 ms by worker-7, nothing to see here\n"
    filler = line * (MEGABYTES * 1_000_000 // len(line))
    leak = f"AWS_ACCESS_KEY_ID={ID}\nAWS_SECRET_ACCESS_KEY={SECRET}\n"

    evidence = extract(decode(filler + leak.encode()))

    (found,) = evidence.found
    assert found.access_key_id == ID
    assert found.can_sign
    assert sum(len(note) for note in evidence.notes) < 2_000
