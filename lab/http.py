"""A plain GET of a URL of the lab, as a browser that holds a presigned link makes it."""

from __future__ import annotations

import urllib.error
import urllib.request


def fetch_status(url: str) -> int:
    """Return the HTTP status."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - our own loopback URL
            status: int = answer.status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    return status
