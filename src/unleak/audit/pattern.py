"""What kind of program or person is behind a key, guessed from who calls with it and from where.

A user agent is what the caller says of itself, so a pattern is a guess to start a talk with, never
a proof.  An address of one of the account's own network interfaces is a fact of this moment.
Sources of the user agents: https://github.com/boto/botocore/blob/develop/botocore/useragent.py for
`exec-env/`, `os/` and `md/`; the names of the others are what these programs are called.
"""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING

from unleak.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unleak.model.reference import KeyUsers, Use
    from unleak.model.register import Place


class Pattern(StrEnum):
    """Who seems to use a key."""

    LAMBDA = "a Lambda function"
    ECS = "an ECS task"
    EC2 = "an EC2 instance"
    KUBERNETES = "a program in a Kubernetes cluster"
    GITHUB = "GitHub Actions"
    GITLAB = "GitLab CI"
    TERRAFORM = "Terraform"
    PERSON = "a person"
    OUTSIDE = "a program outside of AWS"
    SES = "mail sent through SES"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """One pattern, and what it was guessed from."""

    pattern: Pattern
    why: str
    events: int


MOST_GUESSES = 3
_AWS_ITSELF = ".amazonaws.com"
_MARKS: tuple[tuple[Pattern, tuple[str, ...]], ...] = (
    (Pattern.LAMBDA, ("exec-env/aws_lambda",)),
    (Pattern.ECS, ("exec-env/aws_ecs",)),
    (Pattern.GITHUB, ("configure-aws-credentials", "github-actions", "githubactions")),
    (Pattern.GITLAB, ("gitlab",)),
    (
        Pattern.KUBERNETES,
        (
            "kubernetes",
            "cluster-autoscaler",
            "external-dns",
            "externaldns",
            "external-secrets",
            "load-balancer-controller",
            "cert-manager",
            "karpenter",
            "velero",
            "argocd",
            "crossplane",
        ),
    ),
    (Pattern.EC2, ("exec-env/ec2",)),
)
"""What programs say about where they run; the first that fits counts."""
_PLACES = {
    "instance": Pattern.EC2,
    "ecs-task": Pattern.ECS,
    "lambda": Pattern.LAMBDA,
    "nat-gateway": Pattern.EC2,
}
_TERRAFORM = ("terraform", "opentofu", "pulumi")
_PEOPLE = (
    "console.amazonaws.com",
    "signin.amazonaws.com",
    "exec-env/cloudshell",
    "mozilla/",
    "cyberduck",
    "s3 browser",
    "winscp",
    "os/macos",
    "os/windows",
    "darwin/",
    "windows/",
    "md/prompt#on",
)
_GITHUB_HOSTED = "-azure"
"""The kernel of Microsoft's machines, where GitHub's own runners live too."""


def guesses(users: KeyUsers, places: Mapping[str, Place]) -> tuple[Guess, ...]:
    """Return who seems to use a key, the busiest first.

    Args:
        users: what IAM and CloudTrail tell.
        places: the account's own addresses among the sources.
    """
    events: Counter[Pattern] = Counter()
    why: dict[Pattern, str] = {}
    for use in users.uses:
        found = _guess(use, places)
        if found is None:
            continue
        pattern, words = found
        events[pattern] += use.events
        why.setdefault(pattern, words)
    if users.last_service == "ses" and Pattern.SES not in events:
        # SMTP leaves no trace of its own in CloudTrail, only in the key's last use (untested).
        events[Pattern.SES] += 1
        why[Pattern.SES] = "its last use was with SES, where a key can also be an SMTP user"
    return tuple(
        Guess(pattern=pattern, why=why[pattern], events=count)
        for pattern, count in events.most_common(MOST_GUESSES)
    )


def _guess(use: Use, places: Mapping[str, Place]) -> tuple[Pattern, str] | None:
    agent = use.user_agent.lower()
    if use.source.endswith(_AWS_ITSELF):
        return None  # AWS on behalf of somebody who is in another event
    for pattern, marks in _MARKS:
        mark = next((each for each in marks if each in agent), None)
        if mark is not None:
            return pattern, f"it says so itself ({mark} in its user agent)"
    place = places.get(use.source)
    if place is not None and place.kind in _PLACES:
        words = f"{use.source} belongs to {place.kind} {place.name} of this account"
        return _PLACES[place.kind], words
    return _by_program(agent, use.source)


def _by_program(agent: str, source: str) -> tuple[Pattern, str]:
    mark = next((each for each in _TERRAFORM if each in agent), None)
    if mark is not None:
        return Pattern.TERRAFORM, f"{mark} in its user agent"
    if "os/linux" in agent and _GITHUB_HOSTED in agent:
        return Pattern.GITHUB, "it runs on a machine of Azure's, as GitHub's runners do (a guess)"
    mark = next((each for each in _PEOPLE if each in agent), None)
    if mark is not None:
        return Pattern.PERSON, f"{mark} in the user agent is a person's machine"
    return Pattern.OUTSIDE, f"{source} is no address that the account has now"
