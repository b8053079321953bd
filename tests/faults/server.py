"""An MLflow server that is killed repeatedly and starts again: `python -m tests.faults.server PORT DATABASE`."""

import argparse
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterable
from threading import Thread
from typing import Any

Application = Callable[[Any, Any], Iterable[bytes]]


def main() -> None:
    """Serve until killed after some requests, wait, and serve again. The last life, after --lives kills, has no end."""
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("database")
    parser.add_argument("--lives", type=int, default=0)
    arguments = parser.parse_args()
    Thread(target=_end_with_the_test, daemon=True).start()
    os.environ["_MLFLOW_SERVER_FILE_STORE"] = f"sqlite:///{arguments.database}"
    os.environ["_MLFLOW_SERVER_ARTIFACT_ROOT"] = f"{arguments.database}.artifacts"
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    # The import takes seconds, so it is done once, before the forks. Nothing is opened before the first request.
    import mlflow.server.fastapi_app  # noqa: F401
    from mlflow.server import app

    chance = random.Random(0)
    print("ready", flush=True)
    for _ in range(arguments.lives):
        requests = chance.randrange(2, 9)
        if not (child := os.fork()):
            _serve(arguments.port, _Mortal(app.wsgi_app, requests, before=chance.random() < 0.5))
        os.waitpid(child, 0)
        time.sleep(chance.uniform(0, 0.3))
    _serve(arguments.port, app.wsgi_app)


def _end_with_the_test() -> None:
    sys.stdin.read()
    os.killpg(0, signal.SIGKILL)


class _Mortal:
    """An application that is killed at a request: before it handles the request, or before it answers."""

    def __init__(self, application: Application, requests: int, *, before: bool) -> None:
        self._application = application
        self._left = requests
        self._before = before

    def __call__(self, environment: Any, start: Any) -> Iterable[bytes]:
        self._left -= 1
        if not self._left and self._before:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = list(self._application(environment, start))
        if not self._left:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer


def _serve(port: int, application: Application) -> None:
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        def log(self, *_: object) -> None: ...

    make_server("127.0.0.1", port, application, request_handler=Quiet).serve_forever()


if __name__ == "__main__":
    main()
