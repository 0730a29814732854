"""What was seen while the containment was held, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.evidence.clean import redact
from unleak.model.plan import Grip
from unleak.report.page import Bullets, Heading, Page, Tone
from unleak.report.wording import count_words, instant, sentence

if TYPE_CHECKING:
    from unleak.model.plan import Plan
    from unleak.model.watch import Touch, Watch

HEADING = "While it was held"
MOST_SHOWN = 10
"""Touches that are told one by one on a screen; the report has all."""

_GRIPS = {
    Grip.NO: "It cannot take this off itself, by its policies.",
    Grip.MAYBE: "It may be able to take this off itself (conditions, or some resources only).",
    Grip.YES: "It can take this off itself, or come back as somebody else.",
    Grip.UNKNOWN: "Whether it can take this off itself is not known: taken for yes.",
    Grip.NOT_LOOKED_AT: "Whether it can take this off itself was not looked at.",
}


def grip_words(grip: Grip) -> str:
    """Return the sentence that says whether the leaked principal could undo its containment."""
    return _GRIPS[grip]


def watch_page(plan: Plan, watch: Watch | None) -> Page:
    """Return the section about the hold; nothing where nothing was held."""
    if watch is None:
        return ()
    tone = Tone.BAD if watch.is_contested or not watch.is_settled else Tone.PLAIN
    return (Heading(HEADING), Bullets(watch_lines(plan, watch), tone))


def watch_lines(plan: Plan, watch: Watch, *, most: int | None = MOST_SHOWN) -> tuple[str, ...]:
    """Return the lines about the hold, the worst first.

    Args:
        plan: for what may come back.
        watch: what was seen.
        most: how many touches are told one by one; None: all.
    """
    lines = [*_fight(watch), *_touches(watch.touches, most)]
    if watch.caught:
        lines.append(
            f"appeared meanwhile and contained as well: {', '.join(map(redact, watch.caught))}"
        )
    if watch.enforced_after is not None:
        lines.append(f"seen to be enforced {watch.enforced_after:.1f} s after the hold began")
    if watch.is_frozen:
        lines.append(
            "the unconditional denies still stand, so honest new sessions are refused too: `unleak "
            "resume` holds on and lifts them when it is quiet, `unleak undo --force` lifts them now"
        )
    lines += [f"could not be looked at: {redact(each)}" for each in watch.unread]
    if plan.unswept:
        lines += [f"other identities not searched: {redact(each)}" for each in plan.unswept]
    lines.append(f"watched for {watch.seconds:.0f} s, {count_words(watch.rounds, 'look')}")
    return tuple(sentence(line) for line in lines)


def _fight(watch: Watch) -> list[str]:
    if watch.is_contested:
        return ["CONTESTED: what unleak put in place was taken away while it was watched"]
    if not watch.is_settled:
        return ["the time was over before it had come to rest"]
    if watch.touches:
        return [
            "it was touched before the organization's policy took effect, and not any more since"
        ]
    return ["nothing that unleak put in place was touched"]


def _touches(touches: tuple[Touch, ...], most: int | None) -> list[str]:
    shown = touches if most is None else touches[:most]
    lines = [
        f"{'' if each.at is None else instant(each.at) + ': '}{redact(each.what)}, "
        + ("put back" if each.is_mended else "NOT put back")
        for each in shown
    ]
    if len(touches) > len(shown):
        lines.append(f"and {len(touches) - len(shown)} times more (see the report)")
    return lines
