"""`study ui`: MLflow's pages about the logged trials."""

import argparse
import os
import sys
from typing import NoReturn

from study.tracking.ui_command import ui_command, ui_page


def execute(arguments: argparse.Namespace) -> NoReturn:
    """Serve MLflow's pages about the logged trials. This process becomes the server."""
    command, environment = ui_command(arguments.store, host=arguments.host, port=arguments.port)
    print(f"{ui_page(host=arguments.host, port=arguments.port)}   Ctrl-C ends it", flush=True)
    os.execve(sys.executable, [sys.executable, *command], {**os.environ, **environment})
