"""All that a repository ever held is searched; git itself made each of these repositories."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from fakes.local import KEY_ID, PAIR, Findings, Repo
from unleak.stores.file import File
from unleak.stores.git import Git
from unleak.stores.git_command import GitTrouble, find_git, repository
from unleak.stores.interface import NotInstalled

CLEAN = "nothing here\n"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "repo")
    made.commit({"README": CLEAN})
    return made


def only_note(found: Findings) -> str:
    (reference,) = found.references
    return reference.note


def test_a_key_that_was_taken_out_is_found_with_the_commits_that_did_both(repo: Repo) -> None:
    added = repo.commit({"deploy/prod.env": PAIR})
    repo.commit({"README": "more\n"})
    removed = repo.commit({"deploy/prod.env": None})

    found = Findings(Git(), repo.folder)

    (reference,) = found.references
    assert reference.location == f"{repo.folder}:deploy/prod.env"
    assert reference.kind == "git-history"
    assert f"added in {added[:10]}" in reference.note
    assert f"taken out in {removed[:10]}" in reference.note
    assert "only in the history" in reference.note
    assert not Findings(File(), repo.folder).references


def test_a_key_that_is_still_there_is_told_from_one_that_is_not(repo: Repo) -> None:
    repo.commit({"a.env": PAIR})

    assert "still in HEAD" in only_note(Findings(Git(), repo.folder))


def test_a_commit_that_only_a_tag_reaches_is_searched(repo: Repo) -> None:
    repo.git("checkout", "--quiet", "-b", "side")
    repo.commit({"a.env": PAIR})
    repo.git("tag", "v1")
    repo.git("checkout", "--quiet", "main")
    repo.git("branch", "--quiet", "-D", "side")
    repo.git("reflog", "expire", "--expire=now", "--all")

    assert "only in the history" in only_note(Findings(Git(), repo.folder))


def test_a_commit_that_only_the_reflog_reaches_is_searched(repo: Repo) -> None:
    lost = repo.commit({"a.env": PAIR})
    repo.git("reset", "--quiet", "--hard", "HEAD~1")

    assert f"added in {lost[:10]}" in only_note(Findings(Git(), repo.folder))


def test_a_stash_is_searched(repo: Repo) -> None:
    (repo.folder / "README").write_text(PAIR)
    repo.git("stash", "--quiet")

    (reference,) = Findings(Git(), repo.folder).references

    assert reference.location == f"{repo.folder}:README"
    assert "only in the history" in reference.note


def test_what_no_ref_and_no_reflog_reaches_is_searched_until_git_throws_it_away(
    repo: Repo,
) -> None:
    repo.commit({"a.env": PAIR})
    repo.git("reset", "--quiet", "--hard", "HEAD~1")
    repo.git("reflog", "expire", "--expire=now", "--all")

    before = Findings(Git(), repo.folder)
    repo.git("gc", "--quiet", "--prune=now")
    after = Findings(Git(), repo.folder)

    assert [each.kind for each in before.references] == ["git-unreachable"]
    assert not after.references


def test_what_is_staged_and_not_committed_is_searched(repo: Repo) -> None:
    (repo.folder / "x").write_text(PAIR)
    repo.git("add", "x")
    (repo.folder / "x").unlink()

    assert [each.kind for each in Findings(Git(), repo.folder).references] == ["git-unreachable"]


def test_packed_objects_binary_ones_and_utf_16_are_searched(repo: Repo) -> None:
    repo.commit(
        {
            "bin": os.urandom(50_000) + KEY_ID.encode() + os.urandom(50_000),
            "wide.reg": f"key {KEY_ID}".encode("utf-16"),
            "huge": b"x" * 5_000_000 + KEY_ID.encode(),
        }
    )
    repo.git("gc", "--quiet")

    found = Findings(Git(), repo.folder)

    assert {each.rpartition(":")[2] for each in found.locations} == {"bin", "wide.reg", "huge"}


def test_messages_of_commits_and_tags_and_notes_are_searched(repo: Repo) -> None:
    commit = repo.commit({}, message=f"Use {KEY_ID}")
    repo.git("tag", "-a", "v1", "-m", f"Was {KEY_ID}")
    repo.git("notes", "add", "-m", f"Still {KEY_ID}")

    found = Findings(Git(), repo.folder)

    fields = {each.kind: each.field for each in found.references}
    assert set(fields) == {"git-commit", "git-tag", "git-note"}
    assert fields["git-commit"] == f"message of commit {commit[:10]}"
    assert fields["git-note"] == f"note on commit {commit[:10]}"


def test_a_key_that_came_with_a_merge_is_found(repo: Repo) -> None:
    repo.git("checkout", "--quiet", "-b", "side")
    repo.commit({"b": "b\n"})
    repo.git("checkout", "--quiet", "main")
    repo.git("merge", "--quiet", "--no-ff", "--no-commit", "side")
    repo.commit({"only-in-merge.env": PAIR}, message="Merge")

    assert f"{repo.folder}:only-in-merge.env" in Findings(Git(), repo.folder).locations


def test_one_path_that_held_it_in_many_versions_is_one_place(repo: Repo) -> None:
    for number in range(6):
        repo.commit({"a.env": f"{number}\n{PAIR}"})

    assert "and 3 more" in only_note(Findings(Git(), repo.folder))


def test_hostile_names_and_messages_are_shown_on_one_harmless_line(repo: Repo) -> None:
    name = "a\n\x01\x1b[2J:100644 100644 b"
    repo.commit({name: PAIR}, message=f"\x1b[31m{KEY_ID}\x1b]0;title\x07")

    found = Findings(Git(), repo.folder)

    assert len(found.references) == 2
    for each in found.references:
        assert f"{each.location}{each.field}{each.note}".isprintable()


def test_a_repository_is_found_from_below_and_from_above_and_searched_once(repo: Repo) -> None:
    repo.commit({"deep/er/a.env": PAIR})
    repo.git("worktree", "add", "--quiet", "../second")

    below = Findings(Git(), repo.folder / "deep" / "er")
    above = Findings(Git(), repo.folder.parent)

    assert len(below.references) == len(above.references) == 1
    assert len(above.searched) == 1


def test_a_bare_repository_is_searched(repo: Repo) -> None:
    repo.commit({"a.env": PAIR})
    bare = repo.folder.parent / "backups" / "x.git"
    repo.git("clone", "--quiet", "--bare", str(repo.folder), str(bare))

    found = Findings(Git(), bare.parent)

    assert found.locations == {f"{bare}:a.env"}


def test_what_a_shallow_clone_lacks_is_said(repo: Repo) -> None:
    repo.commit({"a.env": PAIR})
    repo.commit({"a.env": None})
    shallow = repo.folder.parent / "shallow"
    repo.git("clone", "--quiet", "--depth=1", f"file://{repo.folder}", str(shallow))

    found = Findings(Git(), shallow)

    assert not found.references
    assert "shallow clone" in found.gaps[0].why


def test_what_a_partial_clone_lacks_is_said_and_not_fetched(repo: Repo) -> None:
    repo.commit({"a.env": PAIR})
    repo.commit({"a.env": None})
    repo.git("config", "uploadpack.allowFilter", "true")
    partial = repo.folder.parent / "partial"
    repo.git("clone", "--quiet", "--filter=blob:none", f"file://{repo.folder}", str(partial))

    found = Findings(Git(), partial)

    assert not found.references
    assert any("partial clone" in gap.why for gap in found.gaps)


def test_a_repository_that_would_run_programs_runs_none(repo: Repo) -> None:
    repo.commit({"a.env": PAIR, ".gitattributes": "* diff=evil filter=evil\n"})
    trap, ran = repo.folder.parent / "trap", repo.folder.parent / "ran"
    trap.write_text(f"#!/bin/sh\ntouch {ran}\ncat\n")
    trap.chmod(0o755)
    for setting in (
        "core.fsmonitor", "core.pager", "core.sshCommand", "gpg.program", "diff.external",
        "diff.evil.textconv", "diff.evil.command", "filter.evil.smudge", "filter.evil.clean",
        "pager.log", "core.alternateRefsCommand",
    ):  # fmt: skip
        repo.git("config", setting, str(trap))
    repo.git("config", "log.showSignature", "true")

    found = Findings(Git(), repo.folder)

    assert len(found.references) == 1
    assert not ran.exists()


def test_a_damaged_repository_is_said_to_be_one(repo: Repo) -> None:
    repo.commit({"a.env": PAIR})
    oid = repo.git("rev-parse", "HEAD:README")
    damaged = repo.folder / ".git" / "objects" / oid[:2] / oid[2:]
    damaged.chmod(0o644)
    damaged.write_bytes(b"no object")

    found = Findings(Git(), repo.folder)

    assert len(found.references) == 1
    assert any("1 damaged objects" in gap.why for gap in found.gaps)


def test_a_repository_with_a_broken_pack_is_said_to_be_searched_in_part(repo: Repo) -> None:
    repo.commit({"a.env": PAIR, "noise": os.urandom(20_000)})
    repo.git("gc", "--quiet")
    (pack,) = (repo.folder / ".git" / "objects" / "pack").glob("*.pack")
    pack.chmod(0o644)
    content = bytearray(pack.read_bytes())
    content[-15_000:-10_000] = bytes(5_000)
    pack.write_bytes(content)

    found = Findings(Git(), repo.folder)

    assert found.gaps


def test_a_repository_of_somebody_else_is_left_alone_with_the_way_to_allow_it(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.commit({"a.env": PAIR})
    monkeypatch.setitem(os.environ, "GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    trouble = repository(find_git(os.environ), str(repo.folder), os.environ)
    foreign = replace(trouble, environment={**trouble.environment, **dict(os.environ)})

    with pytest.raises(GitTrouble, match="belongs to somebody else") as caught:
        foreign.run("rev-parse", "--git-common-dir")

    assert "safe.directory" in caught.value.hint


def test_compressed_files_in_a_history_are_counted_as_not_searched(repo: Repo) -> None:
    repo.commit({"x.gz": b"\x1f\x8b\x08rest"})

    assert "1 compressed" in Findings(Git(), repo.folder).gaps[0].why


def test_a_folder_without_a_repository_is_searched_and_held_none(tmp_path: Path) -> None:
    found = Findings(Git(), tmp_path)

    assert [each.seen for each in found.searched] == [0]


def test_without_git_a_repository_is_not_passed_over_in_silence(repo: Repo) -> None:
    with pytest.raises(NotInstalled, match="git is not installed"):
        Findings(Git(), repo.folder, {"PATH": "/nowhere"})
