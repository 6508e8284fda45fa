"""Who may talk to Dagster's interface: a layer of ASGI before Dagster's own application, which asks nobody anything.

It answers one address, requests of its own pages alone, and whoever has the secret of this start: a link with a token,
which a cookie then stands for. It knows nothing of Dagster but that queries are sent by POST to /graphql; starting
servers is `pipelines.interface.serving`'s.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from disparity.refusal import refuse

TOKEN = "token"  # noqa: S105 - the name of the link's parameter
_USUAL_PORT = {"http": ":80", "https": ":443"}
_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[0-9a-zA-Z.-]+)(:[0-9]+)?")
_READING = ("GET", "HEAD")
# Starlette's pattern of the path also takes a line break after it, and nothing else that Dagster serves begins so.
_QUERIES = "/graphql"
# What a browser says of a request that one of our own pages made, or a person by typing the address.
_OWN = ("same-origin", "none")
_POLICY = "frame-ancestors 'none'"
_HEADERS = {
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


class Address:
    """The one address an interface answers, such as http://127.0.0.1:3000, as browsers write it."""

    def __init__(self, scheme: str, host: str, port: int | None = None) -> None:
        """Take the parts of an address; the usual port of the scheme is left out, as browsers do."""
        self.scheme = scheme
        self.authority = self._plain(f"[{host}]" if ":" in host else host, port)

    @classmethod
    def of_proxy(cls, url: str) -> Address:
        """Read the address under which a reverse proxy serves the interface. Raises Refusal where it is none."""
        with suppress(ValueError):  # where a port or an address of IP is none
            parts = urlsplit(url)
            if url.lower().rstrip("/") == f"https://{parts.netloc}".lower() and _HOST.fullmatch(parts.netloc):
                return cls("https", parts.hostname or "", parts.port)
        raise refuse(
            f"{url!r} is not an address the interface can be served under",
            where="--public-url",
            rule="it is https:// and a name, with a port where it is not 443, and no path: whoever reads what is sent "
            "could act in it",
            do="give what people type, such as https://equality.example.nhs.uk",
        )

    @property
    def origin(self) -> str:
        """The address as browsers send it with a request of a page."""
        return f"{self.scheme}://{self.authority}"

    def is_host(self, host: str) -> bool:
        """Tell whether a request's Host is this one: in any case of letters, with or without the usual port."""
        return self._plain(host) == self.authority

    def _plain(self, host: str, port: int | None = None) -> str:
        named = host if port is None else f"{host}:{port}"
        return named.lower().removesuffix(_USUAL_PORT[self.scheme])


class Guard:
    """An application of ASGI that passes on to another what its own pages ask, for whoever has the token or its cookie."""

    def __init__(self, app: ASGIApp, address: Address, cookie: str) -> None:
        """Guard ``app``, served under ``address``; ``cookie`` is a name that no other interface of the machine uses."""
        self._app, self._address, self._cookie = app, address, cookie
        # Two secrets: a cookie that is stolen opens the interface until it stops, and does not tell the link.
        self._token, self._session = secrets.token_urlsafe(32), secrets.token_urlsafe(32)

    @property
    def link(self) -> str:
        """The address to open, with the secret: for whoever starts the interface and nobody else."""
        return f"{self._address.origin}/?{TOKEN}={self._token}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on what may pass."""
        if scope["type"] == "websocket":
            if self._refuses(scope) is None:
                await self._app(scope, receive, send)
            else:
                await send({"type": "websocket.close", "code": 1008})
        else:
            answer = self._signing_in(scope) or self._refuses(scope)
            await (answer or self._app)(scope, receive, _with_headers(send))

    def _signing_in(self, scope: Scope) -> Response | None:
        """Return what turns the link into a cookie, so that the token stays in no address and no history."""
        given = parse_qs(scope["query_string"].decode("latin-1")).get(TOKEN, [])
        if scope["path"] != "/" or scope["method"] != "GET" or not given or self._foreign(scope):
            return None
        if not any(_same(each, self._token) for each in given):
            return None
        answer = RedirectResponse(f"{self._address.origin}/", HTTPStatus.SEE_OTHER)
        answer.set_cookie(
            self._cookie, self._session, httponly=True, samesite="strict", secure=self._address.scheme == "https"
        )  # fmt: skip
        answer.headers["Referrer-Policy"] = "no-referrer"
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def _refuses(self, scope: Scope) -> Response | None:
        """Return the refusal of a request, or None where it may pass."""
        return self._foreign(scope) or self._unknown(scope) or self._unfit(scope)

    def _foreign(self, scope: Scope) -> Response | None:
        """Refuse what is not sent to our address, or is sent by a page of another: by a rebound name, form or image."""
        if [self._address.is_host(each) for each in _values(scope, "host")] != [True]:
            return _refusal(
                HTTPStatus.MISDIRECTED_REQUEST, f"This is {self._address.origin}/ and nothing else."
            )
        origins, sites = _values(scope, "origin"), _values(scope, "sec-fetch-site")
        acts = scope["type"] == "websocket" or scope["method"] not in _READING
        if (
            any(each != self._address.origin for each in origins)
            or any(each not in _OWN for each in sites)
            or (acts and len(origins) != 1)
        ):
            return _refusal(
                HTTPStatus.FORBIDDEN,
                f"Another site asked for this. To open the interface, type its address: {self._address.origin}/",
            )
        return None

    def _unknown(self, scope: Scope) -> Response | None:
        """Refuse whoever has not the cookie."""
        if any(_same(each, self._session) for each in _cookies(scope, self._cookie)):
            return None
        return _refusal(
            HTTPStatus.FORBIDDEN,
            "Open the link that `race-equality ui` printed when it was started. It is another at every start; where it "
            "is lost, stop the interface and start it again.",
        )

    @staticmethod
    def _unfit(scope: Scope) -> Response | None:
        """Refuse methods that no page of Dagster uses, queries by GET, and bodies that any site's form could send."""
        if scope["type"] == "websocket":
            return None
        queries = scope["path"].startswith(_QUERIES)
        if scope["method"] != "POST" and (queries or scope["method"] not in _READING):
            return _refusal(HTTPStatus.METHOD_NOT_ALLOWED, "What asks or changes anything is sent by POST.")
        sent = [each.partition(";")[0].strip().lower() for each in _values(scope, "content-type")]
        if scope["method"] == "POST" and sent != ["application/json"]:
            return _refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send JSON, as application/json.")
        return None


def _refusal(status: HTTPStatus, words: str) -> Response:
    return PlainTextResponse(f"{words}\n", status)


def _same(given: str, secret: str) -> bool:
    """Compare in a time that tells nothing of where they differ."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), secret.encode())


def _values(scope: Scope, name: str) -> list[str]:
    """Return every value that a header was sent with."""
    return [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name.encode()]


def _cookies(scope: Scope, name: str) -> Iterator[str]:
    """Yield every value of a cookie: another port of the machine can set one of the same name, and ours still counts."""
    for line in _values(scope, "cookie"):
        for each in line.split(";"):
            key, _, value = each.strip().partition("=")
            if key == name:
                yield value


def _with_headers(send: Send) -> Send:
    """Add to every answer that no other page may frame it, hold it or be its opener."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.append("Content-Security-Policy", _POLICY)  # a page has one of its own, and both hold
            headers.update(_HEADERS)
        await send(message)

    return sending
