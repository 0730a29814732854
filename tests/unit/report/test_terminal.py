from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from subprocess import run

import pytest

from fakes import examples
from fakes.streams import FakeTerminal, Pipe
from unleak.apply.undo import inverse_of
from unleak.errors import AwsFailure, WrongUse
from unleak.model.action import Holder, HolderType
from unleak.model.outcome import Status
from unleak.model.plan import Plan, StepState
from unleak.report.terminal import Screen

TESTS = Path(__file__).parents[2]

ROLE = Holder(type=HolderType.ROLE, name="deploy")
ESCAPE = "\x1b"
HOSTILE = "\x1b[2J\x1b]0;owned\x07[bold red]x[/]\u202egnp.exe\u200b\r\nCONTAINED."
LONG_ARN = f"arn:aws:iam::{examples.ACCOUNT}:role/{'very/long/path/' * 12}deploy"


@pytest.fixture(autouse=True)
def _known_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "COLORTERM", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def hostile_plan() -> Plan:
    plan = examples.role_session_plan()
    credential = replace(plan.credentials[0], session_name=HOSTILE, notes=(HOSTILE,))
    steps = tuple(replace(step, reason=HOSTILE, impact=HOSTILE) for step in plan.steps)
    return replace(
        plan,
        credentials=(credential,),
        steps=steps,
        abilities=(HOSTILE,),
        warnings=(HOSTILE,),
        manual=(HOSTILE,),
        next=(HOSTILE,),
    )


def plan_with_long_arn() -> Plan:
    plan = examples.role_session_plan()
    owner = replace(examples.ROLE, arn=LONG_ARN)
    return replace(plan, credentials=(replace(plan.credentials[0], principal=owner),))


def screen(out: FakeTerminal | Pipe, *, width: int = 80, **environ: str) -> Screen:
    return Screen(out=out, err=out, environ=environ, width=width)


def test_a_pipe_gets_plain_text_without_a_single_escape() -> None:
    pipe = Pipe()

    screen(pipe).plan(examples.role_session_plan())

    assert ESCAPE not in pipe.text
    assert pipe.text.startswith("PLAN to cut off ASIA2E0A8F3B244C9986.")


def test_a_terminal_gets_colour() -> None:
    terminal = FakeTerminal()

    screen(terminal).plan(examples.self_lockout_plan())

    assert f"{ESCAPE}[1;31m" in terminal.getvalue()


def test_no_color_takes_the_colour_away() -> None:
    terminal = FakeTerminal()

    screen(terminal, NO_COLOR="1").plan(examples.self_lockout_plan())

    assert f"{ESCAPE}[1;31m" not in terminal.getvalue()
    assert "[31m" not in terminal.getvalue()


def test_a_dumb_terminal_gets_plain_text() -> None:
    terminal = FakeTerminal()

    screen(terminal, TERM="dumb").plan(examples.role_session_plan())

    assert ESCAPE not in terminal.getvalue()


@pytest.mark.parametrize("stream", [FakeTerminal(), Pipe()])
def test_hostile_names_bring_no_escape_no_bidi_mark_and_no_line_of_their_own(
    stream: FakeTerminal | Pipe,
) -> None:
    screen(stream, NO_COLOR="1", TERM="xterm").plan(hostile_plan())

    text = stream.getvalue() if isinstance(stream, FakeTerminal) else stream.text
    assert not set(text) & {"\x07", "\u202e", "\u200b", "\r"}
    assert f"{ESCAPE}[2J" not in text
    assert f"{ESCAPE}]0;" not in text
    assert not any(line.startswith("CONTAINED") for line in text.splitlines())


def test_rich_markup_in_a_name_is_shown_and_not_obeyed() -> None:
    terminal = FakeTerminal()

    screen(terminal).plan(hostile_plan())

    assert "[bold red]x[/]" in terminal.getvalue()


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_plain_line_is_wider_than_the_screen_but_a_word_that_cannot_be_broken(
    width: int,
) -> None:
    pipe = Pipe()

    screen(pipe, width=width).plan(plan_with_long_arn())

    wide = [line for line in pipe.text.splitlines() if len(line) > width]
    assert wide == [line for line in wide if line.split()[-1] == f"({LONG_ARN})"]
    assert len(wide) == 1


@pytest.mark.parametrize("width", [80, 120])
def test_no_drawn_line_is_wider_than_the_terminal(width: int) -> None:
    terminal = FakeTerminal()

    screen(terminal, width=width, NO_COLOR="1").plan(plan_with_long_arn())
    screen(terminal, width=width, NO_COLOR="1").incidents(examples.summaries())

    plain = terminal.getvalue().replace(f"{ESCAPE}[0m", "").replace(f"{ESCAPE}[1m", "")
    plain = plain.replace(f"{ESCAPE}[1;4m", "").replace(f"{ESCAPE}[2m", "")
    assert max(len(line) for line in plain.splitlines()) <= width


def test_the_drawn_page_says_no_word_that_the_plain_page_does_not_say() -> None:
    terminal, pipe = FakeTerminal(), Pipe()

    screen(terminal, NO_COLOR="1", width=300).result(
        examples.contained_incident(), Status.CONTAINED
    )
    screen(pipe, width=300).result(examples.contained_incident(), Status.CONTAINED)

    drawn = set(terminal.getvalue().split()) - {"│"}
    spoken = set(pipe.text.replace(":", "").split())
    missing = {word for word in drawn if ESCAPE not in word and "─" not in word}
    assert {word.replace(":", "") for word in missing} <= spoken


def test_columns_narrow_a_pipe_and_nonsense_in_it_is_ignored() -> None:
    narrow, nonsense = Pipe(), Pipe()

    Screen(out=narrow, err=narrow, environ={"COLUMNS": "50"}).plan(examples.user_key_plan())
    Screen(out=nonsense, err=nonsense, environ={"COLUMNS": "9" * 5000}).plan(
        examples.user_key_plan()
    )

    assert 40 < max(len(line) for line in narrow.text.splitlines()) <= 70
    assert 70 < max(len(line) for line in nonsense.text.splitlines()) <= 80


def test_a_letter_that_the_pipe_cannot_hold_is_escaped_and_the_report_goes_on() -> None:
    pipe = Pipe("ascii")
    plan = replace(examples.role_session_plan(), warnings=("the tag says caf\u00e9",))

    screen(pipe).plan(plan)

    assert "caf\\xe9" in pipe.text
    assert "What to do next" in pipe.text


def test_a_plan_that_is_asked_about_is_talk_and_a_plan_that_was_asked_for_is_a_result() -> None:
    out, err = Pipe(), Pipe()
    shown = Screen(out=out, err=err, environ={}, width=80)

    shown.plan(examples.role_session_plan(), talk=True)
    asked = err.text
    shown.plan(examples.role_session_plan())

    assert "Answer the question below" in asked
    assert err.text == asked
    assert "Run `unleak revoke`" in out.text


def test_errors_and_progress_are_talk() -> None:
    out, err = Pipe(), Pipe()
    shown = Screen(out=out, err=err, environ={}, width=80)

    shown.progress("reading back what was changed")
    shown.step(examples.key_step(), StepState.DONE)
    shown.error(WrongUse("nothing was given", hint="paste what leaked"))

    assert out.text == ""
    assert "[done] Turn off access key AKIA2E0A8F3B244C9987" in err.text
    assert "What to do next: Paste what leaked." in err.text


def test_an_error_without_a_hint_still_says_what_to_do() -> None:
    err = Pipe()
    failure = AwsFailure(
        "it broke", error_code="Odd", operation="PutRolePolicy", request_id="req-1"
    )

    screen(err).error(failure)

    assert "What to do next: See what was begun with `unleak incidents`" in err.text
    assert "req-1" in err.text
    assert "Nothing was changed" not in err.text


def test_plain_output_loads_neither_rich_nor_botocore() -> None:
    program = (
        f"import sys; sys.path.insert(0, {str(TESTS)!r})\n"
        "from fakes import examples\n"
        "from unleak.report.terminal import Screen\n"
        "shown = Screen(out=sys.stderr, err=sys.stderr, environ={})\n"
        "shown.plan(examples.role_session_plan()); shown.progress('x')\n"
        "print(*({'rich', 'botocore', 'platformdirs'} & set(sys.modules)))\n"
    )

    done = run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603 - our own interpreter

    assert done.stdout.strip() == ""
    assert "PLAN to cut off" in done.stderr


def test_a_plan_of_inverses_is_shown_as_a_way_back_and_not_as_a_cut() -> None:
    err = Pipe()
    plan = examples.role_session_plan()
    plan = plan.with_steps((inverse_of(plan.steps[0]),))

    screen(err).plan(plan, talk=True)

    assert err.text.startswith("PLAN to put back 1 change. Nothing has been put back yet.")
    assert "Remove the inline policy AWSRevokeOlderSessions from role/deploy" in err.text
    assert "cut off" not in err.text


def test_a_cleanup_tells_what_it_took_away_and_never_says_contained() -> None:
    out = Pipe()

    screen(out).result(examples.cleanup_incident(), Status.CONTAINED, ("a2 waits",))

    assert out.text.startswith("PUT BACK. 1 change undone.")
    assert "[done] Remove the inline policy AWSRevokeOlderSessions" in out.text
    assert "- a2 waits." in out.text
    assert "CONTAINED" not in out.text


def test_a_cleanup_that_failed_says_so_first() -> None:
    out = Pipe()
    incident = examples.cleanup_incident()
    steps = tuple(replace(step, state=StepState.FAILED) for step in incident.plan.steps)
    failure = replace(examples.failed(steps[0].id), detail="throttled until the deadline")
    incident = replace(incident, plan=incident.plan.with_steps(steps), outcomes=(failure,))

    screen(out).result(incident, Status.PARTIAL)

    assert out.text.startswith("NOT PUT BACK. 0 of 1 change undone.")
    assert "AWS said: Throttled until the deadline." in out.text


def test_a_cleanup_with_nothing_to_do_says_so() -> None:
    out = Pipe()
    incident = examples.cleanup_incident()
    incident = replace(incident, plan=incident.plan.with_steps(()), outcomes=())

    screen(out).result(incident, Status.CONTAINED, ("nothing is left to take away",))

    assert out.text.startswith("Nothing to put back")


def test_a_dry_run_of_an_undo_says_that_nothing_was_put_back_yet() -> None:
    out = Pipe()
    incident = examples.contained_incident()
    steps = (inverse_of(incident.plan.steps[0]),)
    incident = replace(incident, plan=incident.plan.with_steps(steps), outcomes=())

    screen(out).result(incident, Status.CONTAINED)

    assert "Nothing has been put back yet." in out.text
    assert "without --dry-run" in out.text


def test_an_undone_step_in_a_message_of_aws_hides_what_looks_like_a_secret() -> None:
    out = Pipe()
    incident = examples.failed_incident()
    leak = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzzzKEY"[:40]
    outcomes = tuple(replace(each, detail=f"signed with {leak}") for each in incident.outcomes)

    screen(out).result(replace(incident, outcomes=outcomes), Status.FAILED)

    assert "[secret]" in out.text
    assert leak not in out.text


def test_a_cleanup_that_went_half_way_counts_both_halves() -> None:
    out = Pipe()
    incident = examples.cleanup_incident()
    first = incident.plan.steps[0]
    second = replace(first, id=f"{examples.INCIDENT}/a2", reason="undoes a2")
    steps = (first, replace(second, state=StepState.SKIPPED))
    outcome = replace(examples.done(second.id), state=StepState.SKIPPED, detail="left as it is")
    incident = replace(
        incident,
        plan=incident.plan.with_steps(steps),
        outcomes=(*incident.outcomes, outcome),
    )

    screen(out).result(incident, Status.PARTIAL)

    assert out.text.startswith("PARTLY PUT BACK. 1 of 2 changes undone.")
    assert "note:   Left as it is." in out.text


@pytest.mark.parametrize("width", range(40, 121, 4))
def test_a_command_to_copy_is_never_broken_over_two_lines(width: int) -> None:
    pipe = Pipe()

    screen(pipe, width=width).result(examples.partial_incident(), Status.PARTIAL)

    assert f"`unleak resume {examples.INCIDENT}`" in pipe.text
    assert f"`unleak undo {examples.INCIDENT}`" in pipe.text


def test_progress_of_an_undo_says_done_of_the_inverse() -> None:
    err = Pipe()

    screen(err).step(inverse_of(examples.deny_step(ROLE)), StepState.UNDONE)

    assert err.text.startswith("[done] Remove the inline policy")
