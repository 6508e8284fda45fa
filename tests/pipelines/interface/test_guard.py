"""Who gets past the guard: its own pages, for whoever has the link's token or the cookie it became, and nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.cookies import SimpleCookie

import pytest
from starlette.types import Message, Receive, Scope, Send

from disparity.refusal import Refusal
from pipelines.interface.guard import Address, Guard

HERE = "http://127.0.0.1:3000"
JSON = ("content-type", "application/json")
OWN = ("origin", HERE)


@dataclass
class Answered:
    """What came back: the status (of a WebSocket 101 or 403), its headers, and whether Dagster's was reached."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    reached: bool = False
    said: str = ""


def ask(
    guarded: Guard,
    method: str = "GET",
    path: str = "/",
    *headers: tuple[str, str],
    host: Sequence[str] = ("127.0.0.1:3000",),
    query: str = "",
    cookie: str | None = None,
    websocket: bool = False,
) -> Answered:
    """Send one request as a server of ASGI hands it on."""
    given = [*(("host", each) for each in host), *headers]
    if cookie is not None:
        given.append(("cookie", cookie))
    scope: Scope = {
        "type": "websocket" if websocket else "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in given],
    }
    if websocket:
        del scope["method"]
    answered = Answered()

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answered.status = message["status"]
            answered.headers = {key.decode(): value.decode() for key, value in message["headers"]}
        elif message["type"] == "http.response.body":
            answered.said += message.get("body", b"").decode()
        else:
            answered.status = {"websocket.accept": 101, "websocket.close": 403}[message["type"]]

    asyncio.run(guarded(scope, receive, send))
    answered.reached = answered.headers.pop("reached", "") == "yes" or answered.status == 101
    return answered


async def dagster(scope: Scope, receive: Receive, send: Send) -> None:
    """Stand in for Dagster's application: it answers everybody."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"reached", b"yes")]})
    await send({"type": "http.response.body", "body": b"a headline"})


def guard_of(address: Address) -> Guard:
    return Guard(dagster, address, cookie="race_equality_3000")


def signed_in(guarded: Guard, **options: Sequence[str]) -> str:
    """Open the link and return the cookie that a browser would send from then on."""
    answered = ask(guarded, query=guarded.link.partition("?")[2], **options)  # type: ignore[arg-type]
    assert answered.status == 303, answered
    return answered.headers["set-cookie"].partition(";")[0]


@pytest.fixture
def guarded() -> Guard:
    return guard_of(Address("http", "127.0.0.1", 3000))


@pytest.fixture
def cookie(guarded: Guard) -> str:
    return signed_in(guarded)


def test_the_link_becomes_a_cookie_and_leaves_no_trace_of_its_token(guarded: Guard) -> None:
    assert guarded.link.startswith(f"{HERE}/?token=")
    token = guarded.link.partition("=")[2]
    answered = ask(guarded, query=f"token={token}")
    assert (answered.status, answered.headers["location"]) == (303, f"{HERE}/")
    assert answered.headers["referrer-policy"] == "no-referrer"
    assert not answered.reached
    assert token not in str(answered)
    made = SimpleCookie(answered.headers["set-cookie"])["race_equality_3000"]
    assert (made["httponly"], made["samesite"].lower(), made["path"], made["domain"]) == (
        True,
        "strict",
        "/",
        "",
    )
    assert ask(guarded, cookie=f"race_equality_3000={made.value}").reached


def test_another_start_has_another_secret(guarded: Guard, cookie: str) -> None:
    again = guard_of(Address("http", "127.0.0.1", 3000))
    assert again.link != guarded.link
    assert ask(again, query=guarded.link.partition("?")[2]).status == 403
    assert ask(again, cookie=cookie).status == 403


@pytest.mark.parametrize(
    "path", ["/", "/graphql", "/server_info", "/logs/x/err", "/notebook", "/download_debug/x"]
)
def test_nobody_gets_anything_without_the_cookie(guarded: Guard, cookie: str, path: str) -> None:
    name, _, secret = cookie.partition("=")
    token = guarded.link.partition("=")[2]
    for sent in (
        None,
        "",
        name,
        f"{name}=",
        f"{name}={secret[:-1]}",
        f"{name}={token}",
        f"other={secret}",
        f"{name}=é",
    ):
        for method in ("GET", "HEAD", "POST"):
            answered = ask(guarded, method, path, OWN, JSON, cookie=sent)
            assert (answered.status, answered.reached) == (403, False), (method, sent)
            assert "a headline" not in answered.said
        assert not ask(guarded, "GET", path, OWN, cookie=sent, websocket=True).reached


@pytest.mark.parametrize(
    "query", ["token=", "token=x", "token=%00", "token", "Token={}", "tok=en&x=token={}"]
)
def test_a_wrong_token_opens_nothing(guarded: Guard, query: str) -> None:
    assert ask(guarded, query=query.format(guarded.link.partition("=")[2])).status == 403


def test_the_token_opens_the_first_page_alone_by_get(guarded: Guard) -> None:
    query = guarded.link.partition("?")[2]
    assert ask(guarded, "GET", "/graphql", query=query).status == 403
    assert ask(guarded, "HEAD", "/", query=query).status == 403
    assert ask(guarded, "POST", "/", OWN, JSON, query=query).status == 403
    assert ask(guarded, query=query, host=["evil.example:3000"]).status == 421
    assert ask(guarded, "GET", "/", ("sec-fetch-site", "cross-site"), query=query).status == 403


def test_a_cookie_of_the_same_name_that_another_port_set_does_not_shut_anybody_out(
    guarded: Guard, cookie: str
) -> None:
    assert ask(guarded, cookie=f"race_equality_3000=forged; {cookie}; theme=dark").reached


@pytest.mark.parametrize(
    "host",
    [
        (), ("",), ("evil.example",), ("evil.example:3000",), ("127.0.0.1",), ("127.0.0.1:3001",), ("127.0.0.1.:3000",),
        ("localhost:3000",), ("[::1]:3000",), ("127.1:3000",), ("2130706433:3000",), ("127.0.0.1:3000.evil.example",),
        ("evil.example@127.0.0.1:3000",), ("127.0.0.1:3000", "evil.example"), ("127.0.0.1:3000", "127.0.0.1:3000"),
    ],
)  # fmt: skip
def test_another_host_is_not_answered(guarded: Guard, cookie: str, host: Sequence[str]) -> None:
    for method in ("GET", "HEAD", "POST", "OPTIONS"):
        answered = ask(guarded, method, "/graphql", OWN, JSON, host=host, cookie=cookie)
        assert (answered.status, answered.reached) == (421, False)
    assert not ask(guarded, "GET", "/graphql", OWN, host=host, cookie=cookie, websocket=True).reached


@pytest.mark.parametrize(
    "headers",
    [
        [("origin", "http://evil.example")], [("origin", "null")], [("origin", "")], [("origin", "http://127.0.0.1:3001")],
        [("origin", "https://127.0.0.1:3000")], [("origin", "http://127.0.0.1:3000.evil.example")],
        [("origin", "http://localhost:3000")], [OWN, ("origin", "http://evil.example")], [OWN, OWN], [],
        [OWN, ("sec-fetch-site", "cross-site")], [OWN, ("sec-fetch-site", "same-site")], [OWN, ("sec-fetch-site", "")],
        [OWN, ("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
    ],
)  # fmt: skip
def test_what_another_page_sends_does_nothing(
    guarded: Guard, cookie: str, headers: list[tuple[str, str]]
) -> None:
    for path in ("/graphql", "/report_asset_materialization/published/release", "/report_asset_check/a"):
        answered = ask(guarded, "POST", path, *headers, JSON, cookie=cookie)
        assert (answered.status, answered.reached) == (403, False)
    assert not ask(guarded, "GET", "/graphql", *headers, cookie=cookie, websocket=True).reached


@pytest.mark.parametrize(
    "header",
    [("origin", "http://evil.example"), ("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site")],
)
def test_another_page_reads_nothing_either(guarded: Guard, cookie: str, header: tuple[str, str]) -> None:
    for path in ("/", "/logs/x/err", "/download_debug/x"):
        assert ask(guarded, "GET", path, header, cookie=cookie).status == 403


@pytest.mark.parametrize("path", ["/graphql", "/graphql/", "/graphql\n"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"])
def test_nothing_is_asked_of_graphql_but_by_post(guarded: Guard, cookie: str, path: str, method: str) -> None:
    for accept in ("application/json", "text/html"):
        answered = ask(
            guarded, method, path, OWN, ("accept", accept), query="query=mutation{x}", cookie=cookie
        )
        assert (answered.status, answered.reached) == (405, False)


@pytest.mark.parametrize(
    "sent",
    [
        [], ["text/plain"], ["text/plain; application/json"], ["application/graphql"],
        ["application/x-www-form-urlencoded"], ["multipart/form-data; boundary=application/json"],
        ["application/json", "text/plain"], ["application/jsonp"],
    ],
)  # fmt: skip
def test_a_body_that_a_form_can_send_is_refused(guarded: Guard, cookie: str, sent: list[str]) -> None:
    kinds = [("content-type", each) for each in sent]
    for path in ("/graphql", "/report_asset_observation/a"):
        assert ask(guarded, "POST", path, OWN, *kinds, cookie=cookie, query="query=mutation{x}").status == 415


def test_its_own_pages_get_what_they_ask(guarded: Guard, cookie: str) -> None:
    site = ("sec-fetch-site", "same-origin")
    for kind in ("application/json", "Application/JSON; charset=utf-8"):
        answered = ask(guarded, "POST", "/graphql", OWN, site, ("content-type", kind), cookie=cookie)
        assert (answered.status, answered.said) == (200, "a headline")
    assert ask(guarded, "GET", "/runs", ("sec-fetch-site", "none"), cookie=cookie).reached
    assert ask(guarded, "HEAD", "/favicon.ico", cookie=cookie).reached
    assert ask(guarded, "GET", "/graphql", OWN, site, cookie=cookie, websocket=True).reached


def test_every_answer_says_that_no_other_page_may_frame_it(guarded: Guard, cookie: str) -> None:
    for answered in (ask(guarded), ask(guarded, cookie=cookie), ask(guarded, host=["evil.example"])):
        assert answered.headers["x-frame-options"] == "DENY"
        assert answered.headers["content-security-policy"] == "frame-ancestors 'none'"
        assert answered.headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize(
    ("url", "hosts", "origin"),
    [
        ("https://Equality.Example.org", ["equality.example.org", "EQUALITY.example.ORG:443"], "https://equality.example.org"),
        ("https://equality.example.org:443/", ["equality.example.org"], "https://equality.example.org"),
        ("https://e.example:8443", ["e.example:8443", "E.EXAMPLE:8443"], "https://e.example:8443"),
        ("https://[2001:DB8::1]", ["[2001:db8::1]", "[2001:DB8::1]:443"], "https://[2001:db8::1]"),
        ("https://[2001:db8::1]:8443", ["[2001:db8::1]:8443"], "https://[2001:db8::1]:8443"),
    ],
)  # fmt: skip
def test_behind_a_proxy_its_name_alone_is_answered(url: str, hosts: list[str], origin: str) -> None:
    guarded = guard_of(Address.of_proxy(url))
    assert guarded.link.startswith(f"{origin}/?token=")
    answered = ask(guarded, query=guarded.link.partition("?")[2], host=hosts[:1])
    assert SimpleCookie(answered.headers["set-cookie"])["race_equality_3000"]["secure"]
    cookie = signed_in(guarded, host=hosts[:1])
    for host in hosts:
        assert ask(guarded, "POST", "/graphql", ("origin", origin), JSON, host=[host], cookie=cookie).reached
    for host in ("127.0.0.1:3000", "example.org", f"{hosts[0]}.", f"x.{hosts[0]}"):
        assert ask(guarded, host=[host], cookie=cookie).status == 421
    assert ask(guarded, "POST", "/graphql", OWN, JSON, host=hosts[:1], cookie=cookie).status == 403


@pytest.mark.parametrize(
    "url",
    [
        "http://equality.example.org", "equality.example.org", "https://", "https://e.example/dagster", "https://e.example/?a",
        "https://u:p@e.example", "https://e.example:99999", "https://e.example:x", "https://[::1", "https://e ample",
        "https://e.example#x", "https://é.example", "ftp://e.example", "https://e.example,f.example", "",
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_proxy_is_refused_in_words(url: str) -> None:
    with pytest.raises(
        Refusal, match=r"--public-url: .* is not an address .*What to do: give what people type"
    ):
        Address.of_proxy(url)


def test_the_usual_port_is_left_out_as_browsers_do() -> None:
    guarded = guard_of(Address("http", "127.0.0.1", 80))
    assert guarded.link.startswith("http://127.0.0.1/?token=")
    cookie = signed_in(guarded, host=["127.0.0.1"])
    for host in ("127.0.0.1", "127.0.0.1:80"):
        assert ask(guarded, host=[host], cookie=cookie).reached
    assert ask(guarded, host=["127.0.0.1:3000"], cookie=cookie).status == 421
