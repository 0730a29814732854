"""Where the lines that set up a replacement are to be run, and the names that are put into them."""

from __future__ import annotations

import re

from unleak.model.frozen import dataclass
from unleak.model.holding import Snippet

_UNFIT = re.compile(r"[^A-Za-z0-9_.-]+", re.ASCII)
_LONGEST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The account that the lines are for."""

    partition: str
    account: str
    region: str

    def role_arn(self, name: str) -> str:
        """Return the ARN of a role of the account."""
        return f"arn:{self.partition}:iam::{self.account}:role/{name}"


def role_name(owner: str) -> str:
    """Return a name for the role that stands in for a user, safe to paste into a shell."""
    return f"{_UNFIT.sub('-', owner).strip('-.')[:_LONGEST] or 'workload'}-role"


def trust_file(text: str) -> Snippet:
    """Return a trust policy as the file that `role_commands` reads."""
    return Snippet(title="trust.json", text=text)


def role_commands(name: str, *more: str) -> Snippet:
    """Return the commands that make a role, with what this kind needs besides."""
    lines = (
        f"aws iam create-role --role-name {name} --assume-role-policy-document file://trust.json",
        f"aws iam attach-role-policy --role-name {name} --policy-arn POLICY-ARN-OF-ITS-NEEDS",
        *more,
    )
    return Snippet(title="commands", text="\n".join(lines))
