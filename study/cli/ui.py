"""`study ui`: MLflow's pages about the logged trials."""

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from study.cli.exit_status import DONE
from study.cli.output import print_warning
from study.engines.stop_signals import handled
from study.errors import StoreError, StudyError
from study.tracking.study_pages import study_pages
from study.tracking.ui_command import has_views, list_address, served_pages, server_pages, ui_command

_LOG = "ui.log"
"""The file in the store that takes what the server prints."""
_PATIENCE = 120.0
"""Seconds to wait for the server, which starts in about ten."""
_GRACE = 10.0
"""Seconds that the server has to end by itself."""


def execute(arguments: argparse.Namespace) -> int:
    """Serve MLflow's pages about the logged trials.

    If the trials are logged on a server with pages of its own, only their addresses are printed.
    """
    if pages := server_pages():
        _print_pages(arguments.store, pages)
        print(f"{pages}   serves the pages about the logged trials itself: trials are logged to it")
        return DONE
    return _serve(arguments)


def _serve(arguments: argparse.Namespace) -> int:
    """Serve the pages until the user ends this."""
    host, port, log = arguments.host, arguments.port, arguments.store / _LOG
    command, environment = ui_command(arguments.store, host=host, port=port)
    _check_port(host, port)
    print_warning("MLflow's pages start; this takes about ten seconds")
    with _opened(log) as chatter, _ending(_started(command, environment, chatter)) as server:
        _wait_for(server, host, port, log)
        _print_pages(arguments.store, served_pages(host=host, port=port))
        print(f"Ctrl-C ends the server; what it prints is in {log}", flush=True)
        _serve_until_it_ends(server)
    raise StudyError(f"MLflow's server ended: {_end_of(log)}")


def _opened(log: Path) -> BinaryIO:
    try:
        return log.open("wb")
    except OSError as error:
        raise StoreError(
            f"{log}: cannot be written ({error.strerror}), and MLflow writes into its database even to show it; "
            "copy the store to a folder of your own"
        ) from None


def _serve_until_it_ends(server: subprocess.Popen[bytes]) -> None:
    server.wait()


def _print_pages(store: Path, pages: str) -> None:
    """Print a line for each study, the newest first. Without any, print the page that lists all experiments."""
    try:
        studies = study_pages(store, pages) if has_views(pages) else []
    except StoreError as error:
        print_warning(str(error))
        studies = []
    width = max((len(name) for name, _ in studies), default=0)
    for name, address in studies:
        print(f"{name:{width}}  {address}", flush=True)
    if not studies:
        print(list_address(pages) if has_views(pages) else pages, flush=True)


def _started(command: list[str], environment: dict[str, str], chatter: "subprocess._FILE") -> subprocess.Popen[bytes]:
    """Start the server in a process group of its own, because it starts more processes."""
    return subprocess.Popen(
        [sys.executable, *command],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=chatter,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


@contextmanager
def _ending(server: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """End the server and all of its processes with this block. Ctrl-C, and the end of the terminal, end the block."""
    with handled((signal.SIGTERM, signal.SIGHUP), lambda *_: sys.exit(DONE)):
        try:
            yield server
        except KeyboardInterrupt:
            sys.exit(DONE)
        finally:
            for number in (signal.SIGTERM, signal.SIGKILL):
                with suppress(ProcessLookupError, subprocess.TimeoutExpired):
                    os.killpg(server.pid, number)
                    server.wait(_GRACE)


def _check_port(host: str, port: int) -> None:
    """Raise StudyError if another program listens at the address."""
    with suppress(OSError), socket.create_connection((host, port), timeout=1):
        raise StudyError(f"port {port} of {host} is taken, perhaps by another `study ui`; --port gives another one")


def _wait_for(server: subprocess.Popen[bytes], host: str, port: int, log: Path) -> None:
    """Wait until the server answers. Raises StudyError if it ends."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        if server.poll() is not None:
            raise StudyError(f"MLflow's server did not start: {_end_of(log)}")
        with suppress(OSError), socket.create_connection((host, port), timeout=1):
            return
        time.sleep(0.1)


def _end_of(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return f"{lines[-1] if lines else 'it printed nothing'} ({log})"
