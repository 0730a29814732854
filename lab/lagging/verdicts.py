"""The cloud's own refusals as the lab's verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lab.verdict import Ruling, Verdict

if TYPE_CHECKING:
    from lab.lagging.refusal import Refusal

_DENIED: Final = frozenset(
    {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"}
)
_DEAD: Final = frozenset(
    {
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "InvalidAccessKeyId",
        "AuthFailure",
        "InvalidToken",
        "ExpiredToken",
        "ExpiredTokenException",
        "RequestExpired",
    }
)


def verdict_of(refusal: Refusal) -> Verdict:
    """Return what a refusal says about the credential.

    Raises:
        Refusal: it says nothing about it.
    """
    if refusal.code in _DENIED:
        return Verdict(ruling=Ruling.DENIED, code=refusal.code)
    if refusal.code in _DEAD:
        return Verdict(ruling=Ruling.DEAD, code=refusal.code)
    raise refusal
