"""Which Python files are the user's own, and at which line of them an error was raised."""

import os
import sysconfig
import traceback
from functools import cache
from pathlib import Path

_PYTHONS_OWN = ("stdlib", "platstdlib", "purelib", "platlib")
_PACKAGE = Path(__file__).parents[1]
_NOT_THEIRS = tuple(
    f"{Path(path).resolve()}{os.sep}"
    for path in (str(_PACKAGE), str(_PACKAGE.with_name("analysis")), *map(sysconfig.get_path, _PYTHONS_OWN))
)
_INSTALLED = {"site-packages", "dist-packages"}


def is_users(file: str | Path) -> bool:
    """Whether a file is the user's: not of this package, not installed, not Python's own."""
    path = Path(file).resolve()
    if str(file).startswith("<") or str(path).startswith(_NOT_THEIRS) or _INSTALLED & {*path.parts}:
        return False
    return not any(map(_holds_packages, path.parents))


@cache
def _holds_packages(folder: Path) -> bool:
    """Whether packages were installed into a folder, such as by `pip install --target` for a container or a cluster."""
    return any(folder.glob("*.dist-info"))


def user_frames(error: BaseException) -> list[traceback.FrameSummary]:
    """Returns the lines of the user's own code through which an error came, the innermost last."""
    return [frame for frame in traceback.extract_tb(error.__traceback__) if is_users(frame.filename)]


def raised_at(error: BaseException) -> str:
    """Returns the innermost line of the user's own code, as ` (task.py, line 12)`; empty if there is none."""
    frames = user_frames(error)
    return f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
