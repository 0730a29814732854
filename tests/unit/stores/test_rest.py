"""The transport's own edges: endless lists, circles, proxies that have nothing to do here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lab.stores.loopback import Asked, Given, serve
from unleak.model.secret import Secret
from unleak.stores.failures import StoreRefused, StoreSilent, client_library
from unleak.stores.interface import NotInstalled
from unleak.stores.rest import Rest, Service

if TYPE_CHECKING:
    from collections.abc import Callable

TOKEN = "token-that-nobody-may-see"


def rest(url: str, environment: dict[str, str] | None = None) -> Rest:
    service = Service(
        title="Lab",
        base=url,
        headers={"Authorization": TOKEN},
        token=Secret(TOKEN),
        setting="LAB_URL",
    )
    return Rest(service, environment or {}, wait=lambda _: None)


def always(given: Given) -> Callable[[Asked], Given]:
    return lambda _: given


def test_a_circle_of_redirects_ends() -> None:
    with serve(always(Given(status=302, headers={"Location": "/again"}))) as url:
        lab = rest(url)

        with pytest.raises(StoreRefused, match="circle"):
            lab.ask("GET", "/x")


def test_a_change_is_never_redirected() -> None:
    with serve(always(Given(status=307, headers={"Location": "/again"}))) as url:
        lab = rest(url)

        with pytest.raises(StoreRefused, match="not sent there"):
            lab.ask("PUT", "/x", body={})


def test_a_list_without_an_end_ends() -> None:
    with serve(always(Given(body=[], headers={"Link": '</x?page=2>; rel="next"'}))) as url:
        pages = rest(url).pages("/x")

        with pytest.raises(StoreRefused, match="no end"):
            list(pages)


def test_a_change_that_failed_within_the_server_is_not_sent_again() -> None:
    asked: list[str] = []

    def broken(each: Asked) -> Given:
        asked.append(each.method)
        return Given(status=503)

    with serve(broken) as url:
        for method in ("PUT", "GET"):
            with pytest.raises(StoreRefused):
                rest(url).ask(method, "/x", body={})

    assert asked == ["PUT", "GET", "GET", "GET", "GET"]


def test_a_proxy_is_left_out_for_whom_no_proxy_names() -> None:
    environment = {"HTTP_PROXY": "http://127.0.0.1:9", "NO_PROXY": "example.com, 127.0.0.1"}

    with serve(always(Given(body={"a": 1}))) as url:
        told = rest(url, environment).ask("GET", "/x")
        with pytest.raises(StoreSilent):
            rest(url, {**environment, "NO_PROXY": "example.com"}).ask("GET", "/x")

    assert told.fields == {"a": 1}


def test_no_answer_to_a_change_leaves_a_doubt_and_no_token() -> None:
    with pytest.raises(StoreSilent, match="not known") as caught:
        rest("http://127.0.0.1:9").ask("PUT", "/x", body={})

    assert TOKEN not in caught.value.message


def test_a_missing_client_says_how_to_install_it() -> None:
    with pytest.raises(NotInstalled) as caught:
        client_library("no_such_client_of_ours", "vault")

    assert caught.value.hint == "`pip install 'unleak[vault]'`"
