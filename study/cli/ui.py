"""`study ui`: MLflow's pages about the logged trials."""

import argparse
import os
import sys
from typing import NoReturn

from study.cli.exit_status import DONE
from study.tracking.ui_command import server_pages, ui_command, ui_page


def execute(arguments: argparse.Namespace) -> int:
    """Serve MLflow's pages about the logged trials.

    If the trials are logged on a server with pages of its own, only its address is printed.
    """
    if pages := server_pages():
        print(pages)
        return DONE
    return _serve(arguments)


def _serve(arguments: argparse.Namespace) -> NoReturn:
    """Turn this process into the server."""
    command, environment = ui_command(arguments.store, host=arguments.host, port=arguments.port)
    print(f"{ui_page(host=arguments.host, port=arguments.port)}   Ctrl-C ends it", flush=True)
    os.execve(sys.executable, [sys.executable, *command], {**os.environ, **environment})
