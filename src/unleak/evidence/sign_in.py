"""Caches of a person's sign-in: what is in them beside AWS keys, and what ends it.

`aws login` keeps a session with a refresh token that opens new ones for twelve hours; IAM Identity
Center's portal keeps a token that no policy in IAM reaches.  Their tokens are no session tokens, so
they are taken out of the way before credentials are joined.
Source: https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sign-in.html
"""

from __future__ import annotations

import re

from unleak.model.frozen import dataclass

_OTHER = re.compile(
    r"[\"'](?:refreshToken|idToken|dpopKey)[\"']\s{0,20}:\s{0,20}[\"'][^\"']{0,20000}+[\"']"
)
_PORTAL = re.compile(
    r"[\"'](?:accessToken|clientSecret)[\"']\s{0,20}:\s{0,20}[\"'][^\"']{0,20000}+[\"']"
)
_IS_LOGIN = re.compile(r"[\"']dpopKey[\"']\s{0,20}:|[\"']ASOR[A-Za-z0-9+/_=-]{16}")
_IS_PORTAL = re.compile(r"[\"']startUrl[\"']\s{0,20}:")
_HAS_TOKEN = re.compile(r"[\"']accessToken[\"']\s{0,20}:\s{0,20}[\"']")

_WORDS = ("dpopKey", "ASOR", "startUrl")

LOGIN_NOTE = (
    "this is the cache of `aws login`: the refresh token in it (ASOR...) opens new sessions for up "
    "to 12 hours, also after this session is cut off. An IAM user's ends when his password is "
    "changed or deleted (`unleak revoke user/NAME` deletes it); whoever holds the token ends it "
    "with signin RevokeOAuth2TokenWithIAM"
)
PORTAL_NOTE = (
    "this is the cache of IAM Identity Center's sign-in: its token gets new role sessions of every "
    "account that the person may use, and no policy in IAM reaches it. End it in the Identity "
    "Center console (the user's page, Active sessions, Delete), or with the token itself: `aws sso "
    "logout` on that machine. Do it before the user is deleted; role sessions that it has got live "
    "on up to 12 hours: revoke their roles' sessions too"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """What of a sign-in a text holds, and the text without its tokens."""

    text: str
    notes: tuple[str, ...] = ()
    is_portal: bool = False


def sign_in(text: str) -> SignIn:
    """Return what of a sign-in a plain text holds."""
    if not any(word in text for word in _WORDS):
        return SignIn(text=text)
    is_portal = _IS_PORTAL.search(text) is not None and _HAS_TOKEN.search(text) is not None
    is_login = _IS_LOGIN.search(text) is not None
    if not is_portal and not is_login:
        return SignIn(text=text)
    bare = _OTHER.sub("", text)
    return SignIn(
        text=_PORTAL.sub("", bare) if is_portal else bare,
        notes=(*((LOGIN_NOTE,) if is_login else ()), *((PORTAL_NOTE,) if is_portal else ())),
        is_portal=is_portal,
    )
