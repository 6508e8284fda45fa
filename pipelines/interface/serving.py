"""Serving Dagster's interface on loopback, behind the guard, with the daemon and the code server that it needs.

Like ``dagster dev``, which has no place for a guard: it starts the web server by a command of Dagster's own. Every
process works in Dagster's home, so that none reads code or settings of the folder a person was in (Python files, ``.env``).
"""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import dagster as dg
import uvicorn
import yaml
from dagster._cli.proxy_server_manager import ProxyServerManager
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import WorkspaceFileTarget
from dagster._utils.log import configure_loggers
from dagster_webserver.app import create_app_from_workspace_process_context
from dagster_webserver.cli import (
    DEFAULT_DB_STATEMENT_TIMEOUT,
    DEFAULT_POOL_MAX_OVERFLOW,
    DEFAULT_POOL_RECYCLE,
)
from dagster_webserver.version import __version__

from disparity.refusal import Refusal, refuse
from pipelines.interface.guard import Address, Guard
from pipelines.interface.processes import code_location, dagster_home, dagster_instance
from resources.belonging import open_stores
from resources.settings import Settings

LOOPBACK = "127.0.0.1"
_LIVE_DATA_MILLISECONDS = 2000
_SECONDS_TO_END = 60
_STANDARD_OUTPUT = 1


def serve(settings: Settings, port: int, public_url: str | None = None) -> None:
    """Serve the interface until it is stopped, having printed the link that opens it.

    ``public_url`` is the address people type where a reverse proxy of this machine serves it. Raises Refusal where
    the port is taken, ``public_url`` is no address, the link would be read by others, or Dagster's daemon ends by itself.
    """
    address = Address("http", LOOPBACK, port) if public_url is None else Address.of_proxy(public_url)
    _close_to_others(_STANDARD_OUTPUT)
    home = dagster_home(settings)
    with ExitStack() as stack:
        listening = stack.enter_context(_listening(port))
        open_stores(settings)  # what cannot be used is refused here, where somebody reads it
        os.chdir(home)
        os.environ |= settings.as_environment() | {
            "DAGSTER_HOME": str(home),
            "DAGSTER_DISABLE_TELEMETRY": "yes",
            "DAGSTER_IS_DEV_CLI": "1",
            "PYTHONSAFEPATH": "1",
        }
        configure_loggers()
        instance = stack.enter_context(dagster_instance(settings))
        workspace = stack.enter_context(_code_server(instance))
        daemon = stack.enter_context(_daemon(workspace))
        instance.optimize_for_webserver(
            DEFAULT_DB_STATEMENT_TIMEOUT, DEFAULT_POOL_RECYCLE, DEFAULT_POOL_MAX_OVERFLOW
        )
        context = stack.enter_context(
            WorkspaceProcessContext(instance, WorkspaceFileTarget([str(workspace)]), version=__version__)
        )
        app = create_app_from_workspace_process_context(context, live_data_poll_rate=_LIVE_DATA_MILLISECONDS)
        guard = Guard(app, address, cookie=f"race_equality_{port}")
        _hand_over(guard.link)
        with suppress(KeyboardInterrupt):
            _answer(guard, listening, daemon)


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    """Lend a socket that listens at once, so that nobody else can take the port while the rest starts."""
    try:
        listening = socket.create_server((LOOPBACK, port))
    except OSError as error:
        raise refuse(
            f"port {port} cannot be used: {os.strerror(error.errno or 0)}",
            where="--port",
            rule="the interface listens on a port of its own",
            do="stop what uses it, perhaps an interface that runs already, or name another port",
        ) from None
    with listening:
        yield listening


@contextmanager
def _code_server(instance: dg.DagsterInstance) -> Iterator[Path]:
    """Lend the file by which Dagster's processes find the one server of our code, which is started anew when it ends."""
    with (
        ProxyServerManager(instance, code_location(), code_server_log_level="warning") as server,
        tempfile.TemporaryDirectory() as folder,
    ):
        workspace = Path(folder) / "workspace.yaml"
        workspace.write_text(yaml.safe_dump({"load_from": server.get_code_server_specs()}), encoding="utf-8")
        yield workspace


@contextmanager
def _daemon(workspace: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Lend Dagster's daemon, which runs schedules, sensors and what is queued."""
    daemon = subprocess.Popen(
        [sys.executable, "-P", "-m", "dagster._daemon", "run", "--workspace", str(workspace)]
    )
    try:
        yield daemon
    finally:
        daemon.terminate()
        try:
            daemon.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait()


def _close_to_others(written: int) -> None:
    """Where what is printed goes into a file, close that to other accounts: the link will stand in it."""
    mode = os.fstat(written).st_mode
    others = stat.S_IRWXG | stat.S_IRWXO
    if stat.S_ISREG(mode) and mode & others:
        try:
            os.fchmod(written, stat.S_IMODE(mode) & ~others)
        except PermissionError:
            raise refuse(
                "it is written to a file of another account, which others can read",
                where="the link that opens the interface",
                rule="nobody gets it but who starts the interface",
                do="send what is printed to the terminal, or to a file of the account that starts the interface",
            ) from None


def _hand_over(link: str) -> None:
    """Print the link, the only time."""
    sys.stdout.write(
        f"\nThe interface is open to whoever has this link, until it is stopped with Ctrl-C:\n\n    {link}\n\n"
    )
    sys.stdout.flush()


def _answer(guard: Guard, listening: socket.socket, daemon: subprocess.Popen[bytes]) -> None:
    """Answer requests until somebody stops it. Raises Refusal where the daemon has ended by itself."""
    server = uvicorn.Server(
        uvicorn.Config(
            guard,
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            lifespan="off",  # Dagster's application does nothing at its start or end
            timeout_graceful_shutdown=5,
        )
    )

    def stop_with_the_daemon() -> None:
        daemon.wait()
        server.should_exit = True

    threading.Thread(target=stop_with_the_daemon, daemon=True).start()
    server.run(sockets=[listening])
    if (code := daemon.poll()) is not None:
        raise Refusal(
            f"Dagster's daemon has ended by itself, with code {code}; what it said is above. Start again."
        )
