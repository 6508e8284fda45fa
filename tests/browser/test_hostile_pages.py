"""What a page of somebody else can do to the interface of an analyst who is signed in and has it open: nothing at all."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Response

from started_interface import Interface

pytestmark = [pytest.mark.long, pytest.mark.browser]

MUTATION = (
    "mutation{reportRunlessAssetEvents(eventParams:"
    '{eventType:ASSET_MATERIALIZATION,assetKey:{path:["NAME"]}}){__typename}}'
)
ASSETS = "{assetsOrError{... on AssetConnection{nodes{key{path}}}}}"

# Everything by which a page can make a browser send something; what it hears of it is put in `heard`.
ATTACK = """async ([target, mutation]) => {
    const heard = {};
    const body = JSON.stringify({query: mutation}), asked = `${target}/graphql?query=${encodeURIComponent(mutation)}`;
    const waiting = [];
    const place = (name, element) => waiting.push(new Promise(done => {
        element.onload = () => { heard[name] = 'loaded'; done(); };
        element.onerror = done;
        setTimeout(done, 4000);
        document.body.append(element);
    }));
    const make = (kind, fields) => Object.assign(document.createElement(kind), fields);
    place('image', make('img', {src: asked}));
    place('script', make('script', {src: asked}));
    place('style', make('link', {rel: 'stylesheet', href: asked}));
    place('object', make('object', {data: asked}));
    make('iframe', {}); document.body.append(make('iframe', {name: 'framed', src: `${target}/`}));
    for (const enctype of ['text/plain', 'multipart/form-data', 'application/x-www-form-urlencoded']) {
        for (const method of ['post', 'get']) {
            const name = `${method} ${enctype}`;
            document.body.append(make('iframe', {name}));
            const form = make('form', {action: asked, method, enctype, target: name});
            form.append(make('input', {name: 'query', value: mutation}));
            form.append(make('input', {name: body.slice(0, -1) + ',"x":"', value: '"}'}));
            document.body.append(form);
            form.submit();
        }
    }
    navigator.sendBeacon(`${target}/graphql`, body);
    navigator.sendBeacon(`${target}/graphql`, new Blob([body], {type: 'text/plain'}));
    const ways = {
        get: [asked, {}], head: [asked, {method: 'HEAD'}], post: [asked, {method: 'POST'}],
        simple: [`${target}/graphql`, {method: 'POST', body}],
        json: [`${target}/graphql`, {method: 'POST', body, headers: {'Content-Type': 'application/json'}}],
        put: [`${target}/graphql`, {method: 'PUT', body, headers: {'Content-Type': 'application/json'}}],
        report: [`${target}/report_asset_materialization/forged`, {method: 'POST', body: '{}'}],
        page: [`${target}/`, {}], info: [`${target}/server_info`, {}], graphiql: [`${target}/graphql`, {}],
    };
    for (const [name, [url, options]] of Object.entries(ways)) {
        for (const mode of ['cors', 'no-cors', 'same-origin']) {
            waiting.push(fetch(url, {...options, mode, credentials: 'include'}).then(
                async answer => { if (answer.ok) heard[`${mode} ${name}`] = (await answer.text()).slice(0, 80); },
                () => {}));
        }
    }
    waiting.push(new Promise(done => {
        const socket = new WebSocket(`${target.replace('http', 'ws')}/graphql`, 'graphql-ws');
        socket.onopen = () => { heard.websocket = 'open'; done(); };
        socket.onerror = socket.onclose = done;
    }));
    await Promise.all(waiting);
    await new Promise(done => setTimeout(done, 1500));
    return heard;
}"""


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[int]:
    """Serve an empty page of somebody else, under any name; return its port."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!DOCTYPE html><title>Elsewhere</title><body>")

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.fixture
def context(browser: Browser, interface: Interface) -> Iterator[BrowserContext]:
    """An analyst's browser, with the interface open in one tab."""
    opened = browser.new_context()
    opened.new_page().goto(interface.link)
    yield opened
    opened.close()


def asked_by_our_own_page(context: BrowserContext, query: str) -> Any:
    """Ask as a page of the interface does."""
    program = """query => fetch('/graphql', {method: 'POST', body: JSON.stringify({query}),
        headers: {'Content-Type': 'application/json'}}).then(answer => answer.json())"""
    return context.pages[0].evaluate(program, query)


def assets(context: BrowserContext) -> set[str]:
    nodes = asked_by_our_own_page(context, ASSETS)["data"]["assetsOrError"]["nodes"]
    return {node["key"]["path"][-1] for node in nodes}


def attack(context: BrowserContext, interface: Interface, page_url: str) -> dict[str, Any]:
    """Let a page try everything; return what it heard, and what the interface answered otherwise than by a refusal."""
    page, target = context.new_page(), urlsplit(page_url)
    rebound = f":{target.port}" == f":{urlsplit(interface.url).port}"
    answered: list[tuple[str, str, int]] = []

    def note(answer: Response) -> None:
        if answer.url != page_url and str(urlsplit(interface.url).port) in urlsplit(answer.url).netloc:
            answered.append((answer.request.method, answer.url.partition("?")[0], answer.status))

    page.on("response", note)
    if rebound:
        # The page came from the name's owner; what it asks from now on goes to this machine.
        html = "<!DOCTYPE html><title>Rebound</title><body>"
        page.route(page_url, lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto(page_url)
    aimed = f"{target.scheme}://{target.netloc}" if rebound else interface.url
    heard = page.evaluate(ATTACK, [aimed, MUTATION.replace("NAME", "forged")])
    framed = [frame.content() for frame in page.frames if frame != page.main_frame]
    page.close()
    assert answered, "the attack did not reach the interface, so that nothing follows from it"
    return {
        "heard": heard,
        "answered": [each for each in answered if each[2] < 400],
        "framed": [content[:200] for content in framed if "__NEXT_DATA__" in content],
    }


def test_what_a_page_of_our_own_asks_is_done(context: BrowserContext) -> None:
    asked_by_our_own_page(context, MUTATION.replace("NAME", "asked_for"))
    assert "asked_for" in assets(context)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "rebound"])
def test_a_page_of_somebody_else_does_and_reads_nothing(
    context: BrowserContext, interface: Interface, elsewhere: int, host: str
) -> None:
    """Of another name; of another port of this machine, to which the cookie is no stranger; of a name that was rebound."""
    port = urlsplit(interface.url).port if host == "rebound" else elsewhere
    name = "evil.example" if host == "rebound" else host
    found = attack(context, interface, f"http://{name}:{port}/attack")
    assert "forged" not in assets(context)
    assert found == {"heard": {}, "answered": [], "framed": []}


def test_a_link_on_another_page_does_nothing(
    context: BrowserContext, interface: Interface, elsewhere: int
) -> None:
    page = context.new_page()
    page.goto(f"http://evil.example:{elsewhere}/")
    link = f"{interface.url}/graphql?query={quote(MUTATION.replace('NAME', 'forged'))}"
    page.set_content(f'<a href="{link}">Read on</a>')
    with page.expect_response(lambda answer: "/graphql" in answer.url) as answered:
        page.get_by_text("Read on").click()
    assert answered.value.status == 403
    assert "forged" not in assets(context)


def test_nobody_who_has_not_the_link_sees_anything(browser: Browser, interface: Interface) -> None:
    stranger = browser.new_context()
    page = stranger.new_page()
    for path in ("/", "/graphql", "/server_info", "/runs", "/favicon.ico", "/?token=x"):
        answer = page.goto(interface.url + path)
        assert answer is not None
        assert answer.status in (403, 405), path
    assert "Open the link that `race-equality ui` printed" in page.inner_text("body")
    stranger.close()


def test_the_token_is_nowhere_but_where_it_was_printed(context: BrowserContext, interface: Interface) -> None:
    token = interface.link.partition("token=")[2]
    assert len(token) > 40
    opened = context.pages[0]
    assert opened.url.startswith(f"{interface.url}/")
    assert token not in opened.evaluate("document.URL + document.referrer + document.cookie")
    assert opened.evaluate("document.cookie") == ""
    assert token not in json.dumps(context.cookies())
    assert interface.log.read_text().count(token) == 1
    assert interface.log.stat().st_mode & 0o077 == 0
    ours = [each for each in Path("/proc").glob("[0-9]*") if in_group(each, interface.group)]
    assert len(ours) >= 3, "the interface, its daemon and its code server"
    for process in ours:
        assert token.encode() not in (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
    for path in interface.storage.rglob("*"):
        assert not path.is_file() or token.encode() not in path.read_bytes(), path


def in_group(process: Path, group: int) -> bool:
    try:
        return os.getpgid(int(process.name)) == group
    except ProcessLookupError:
        return False
