"""Vault or OpenBao through hvac: one signed-in client, one vocabulary of failures."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from unleak.aws.answer import Answer, part, text
from unleak.model.frozen import dataclass
from unleak.model.secret import Secret
from unleak.stores.failures import (
    NO_SUCH_THING,
    TOO_MANY,
    StoreRefused,
    StoreSilent,
    cleaned,
    client_library,
    refusal,
)
from unleak.stores.interface import NotSetUp

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

EXTRA: Final = "vault"
_TIMEOUT: Final = 30
_WAITS: Final = (1.0, 2.0, 4.0)
"""hvac does not hand on `Retry-After`, so these are our own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """One KV engine."""

    path: str
    """Without a slash at the end."""
    is_versioned: bool
    """Whether it is version 2 of KV."""


class Vault:
    """A client of one server.

    Args:
        client: hvac's.
        address: as `VAULT_ADDR` names it.
        token: no message may show it.
        wait: how to wait for a number of seconds.
    """

    def __init__(
        self,
        client: object,
        *,
        address: str,
        token: Secret,
        wait: Callable[[float], None],
    ) -> None:
        self._client = client
        self._address = cleaned(address)
        self._token = token
        self._wait = wait

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
        secrets: tuple[Secret, ...] = (),
    ) -> Answer | None:
        """Make one call below `/v1/`; None where there is nothing at that path.

        Args:
            method: `get`, `list`, `post` or `delete`.
            path: each part of it quoted.
            query: what follows the question mark.
            body: what is sent as JSON.
            secrets: values in the body that no message may show.

        Raises:
            StoreRefused: Vault said no.
            StoreSilent: it did not answer.
        """
        for seconds in (*_WAITS, None):
            status, told = self._once(method, path, query, body)
            if status != TOO_MANY or seconds is None:
                break
            self._wait(seconds)
        what = f"Vault: {method.upper()} {cleaned(path)}"
        if status == NO_SUCH_THING:
            return None
        if 300 <= status < 400:  # noqa: PLR2004 - HTTP's own redirects
            message = f"{what}: {self._address} redirects elsewhere; the token was not sent there"
            hint = "set VAULT_ADDR to the address of the active node or of the load balancer"
            raise StoreRefused(message, status=status, hint=hint)
        if status >= 400:  # noqa: PLR2004 - HTTP's own failures
            errors = told.get("errors")
            words = ", ".join(map(str, errors)) if isinstance(errors, list) else ""
            raise refusal(what, status, words, (self._token, *secrets))
        return told

    def mounts(self) -> tuple[Mount, ...]:
        """Return the KV engines that the token can see.

        Source: https://developer.hashicorp.com/vault/api-docs/system/internal-ui-mounts

        Raises:
            StoreRefused: Vault said no.
            StoreSilent: it did not answer.
        """
        told = part(self.ask("get", "sys/internal/ui/mounts") or {}, "data")
        engines = part(told, "secret")
        return tuple(
            Mount(path=str(name).strip("/"), is_versioned=_is_versioned(part(engines, str(name))))
            for name in engines
            if text(part(engines, str(name)), "type") in {"kv", "generic"}
        )

    def _once(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None,
        body: Mapping[str, object] | None,
    ) -> tuple[int, Answer]:
        trouble = client_library("requests.exceptions", EXTRA)
        adapter = self._client.adapter  # type: ignore[attr-defined]  # hvac has no types
        sent = {"params": query, "json": body, "raise_exception": False}
        try:
            response = adapter.request(method, f"/v1/{path}", **sent)
            status: int = response.status_code
            told: object = response.json() if response.content else {}
        except trouble.SSLError as error:
            message = f"Vault: TLS failed: {cleaned(str(error), (self._token,))}"
            hint = "set VAULT_CACERT to the certificate of the authority that signed Vault's"
            raise StoreSilent(message, hint=hint) from None
        except trouble.JSONDecodeError:
            return status, {}
        except trouble.RequestException as error:
            doubt = "" if method in {"get", "list"} else "; whether it was carried out is not known"
            message = f"Vault: {method.upper()}: no answer ({type(error).__name__}){doubt}"
            raise StoreSilent(
                message, hint="check VAULT_ADDR, the network and HTTPS_PROXY"
            ) from None
        return status, told if isinstance(told, dict) else {}


def sign_in(environment: Mapping[str, str], *, wait: Callable[[float], None] = time.sleep) -> Vault:
    """Return a client for `VAULT_ADDR` with `VAULT_TOKEN`, or the token of `vault login`.

    Source: https://developer.hashicorp.com/vault/docs/commands/token-helper

    Raises:
        NotInstalled: hvac is missing.
        NotSetUp: there is no address or no token.
    """
    address = environment.get("VAULT_ADDR", "")
    token = environment.get("VAULT_TOKEN", "").strip() or _remembered(environment)
    if urlsplit(address).scheme not in {"http", "https"} or not token:
        message = "there is no address or no token for Vault"
        hint = "set VAULT_ADDR and VAULT_TOKEN where a Vault is to be looked through"
        raise NotSetUp(message, hint=hint)
    hvac = client_library("hvac", EXTRA)
    adapters = client_library("hvac.adapters", EXTRA)
    client = hvac.Client(
        url=address.rstrip("/"),
        token=token,
        namespace=environment.get("VAULT_NAMESPACE") or None,
        verify=environment.get("VAULT_CACERT") or environment.get("REQUESTS_CA_BUNDLE") or True,
        timeout=_TIMEOUT,
        # requests takes `Authorization` off a redirected call, but not Vault's own token header.
        allow_redirects=False,
        adapter=adapters.RawAdapter,
    )
    return Vault(client, address=address, token=Secret(token), wait=wait)


def _remembered(environment: Mapping[str, str]) -> str:
    """Return what `vault login` has left in the home folder; empty where there is nothing."""
    home = environment.get("HOME")
    if not home:
        return ""
    try:
        return (Path(home) / ".vault-token").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _is_versioned(engine: Answer) -> bool:
    return text(part(engine, "options"), "version") == "2"
