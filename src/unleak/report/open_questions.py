"""What is not known at the end of a response, so that nobody takes silence for "clean"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unleak.model.credential import CredentialKind
from unleak.model.proof import CheckOutcome
from unleak.report.action_words import imperative
from unleak.report.proof_words import unclear_lines
from unleak.report.verdict import unfinished, with_final_states
from unleak.report.wording import count_words

if TYPE_CHECKING:
    from unleak.model.credential import Credential
    from unleak.model.incident import Incident
    from unleak.model.trace import Trace


def open_questions(incident: Incident, trace: Trace | None = None) -> tuple[str, ...]:
    """Return the open questions of an incident; never empty, one is always open.

    Args:
        incident: the response as the journal tells it.
        trace: what CloudTrail shows, where the person has given it.
    """
    lines = [line for each in incident.credentials for line in _about_credential(each)]
    if not incident.plan.abilities:
        lines.append("What the credential was able to do was not looked at.")
    if incident.plan.swept_since is None:
        lines.append("Whether the thief made other users, roles or keys was not looked at.")
    if incident.asked_leaked:
        keys = ", ".join(incident.asked_leaked)
        lines.append(
            f"unleak signed harmless calls with {keys}: in CloudTrail, tell those calls from the "
            "thief's by their time and address."
        )
    lines += [
        f"Not done, so what it was to stop may go on: {imperative(step.action)}."
        for step in unfinished(with_final_states(incident.plan.steps, incident.outcomes))
    ]
    lines += _about_proof(incident)
    lines += _about_trail(incident, trace)
    lines += [f"Not read of the trail: {each}." for each in incident.plan.untraced]
    return tuple(dict.fromkeys(lines))


def _about_trail(incident: Incident, trace: Trace | None) -> list[str]:
    if trace is not None:
        gaps = count_words(len(trace.coverage.skipped), "place")
        return [
            (
                "The trace is worth no more than what was read: calls that no trail logs, data "
                f"events above all, are not in it, and {gaps} could not be read."
            )
        ]
    if incident.plan.traced_at is None:
        return [
            (
                "What the thief did with it before the cut, and which further credentials it "
                "opened, was not looked at: CloudTrail tells."
            )
        ]
    return [
        (
            "What CloudTrail shows up to 15 minutes late was not seen yet, and data events never: "
            "`unleak trace` tells what was done with it."
        )
    ]


def _about_credential(credential: Credential) -> list[str]:
    label = credential.label
    lines = []
    if credential.principal is None:
        lines.append(f"Whose {label} is, is not known.")
    if credential.kind is not CredentialKind.PRINCIPAL and credential.status is None:
        lines.append(f"Whether {label} was active when it was found is not known.")
    if credential.kind.is_session and credential.issued_at is None:
        lines.append(f"When {label} was issued is not known.")
    if credential.kind.is_session and credential.expires_at is None:
        lines.append(f"When {label} expires is not known.")
    return lines


def _about_proof(incident: Incident) -> list[str]:
    verification = incident.verification
    if verification is None:
        return ["Nothing was measured, so nothing is proven."]
    lines = list(unclear_lines(verification))
    if verification.effective is None:
        lines.append("Whether the changes have taken effect was not seen.")
    if verification.new_sessions_work is None:
        lines.append("Whether new sessions work was not tried.")
    if not any(check.outcome is CheckOutcome.PROVEN for check in verification.checks):
        lines.append("No check has shown the credential to be refused.")
    return lines
