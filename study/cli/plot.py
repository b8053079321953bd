"""`study plot`: draws one figure of a study, or every figure that suits it."""

import argparse
from typing import Any

from analysis.drawing.figure_script import FigureScript
from analysis.drawing.options import OWN
from analysis.drawing.source import Source
from analysis.figures import SCRIPTS, draw_all
from study.cli.exit_status import DONE
from study.errors import StudyError
from study.space.hints import hint

_COMMON = ("style", "caption")
_OWN = tuple(name.removeprefix("--") for name in OWN)


def execute(arguments: argparse.Namespace) -> int:
    """Draw the figure that the user named, or every figure that suits the study. Print where each is."""
    kind, name = (arguments.kind, arguments.name) if arguments.name else (None, arguments.kind)
    source = Source(name, arguments.store, arguments.metric)
    how = {option: getattr(arguments, option) for option in _COMMON}
    own = {option: value for option in _OWN if (value := getattr(arguments, option))}
    if kind is None:
        _refuse({**own, "out": arguments.out}, "say which figure: study plot KIND NAME")
        draw_all(source, **how)
    else:
        script = _script(kind)
        _refuse(
            {name: value for name, value in own.items() if name not in _names(script)}, f"{kind} has no such option"
        )
        script.show(script.draw(source, out=arguments.out, **how, **own))
    return DONE


def _script(kind: str) -> FigureScript:
    scripts: dict[str, FigureScript] = {script.name: script for script in SCRIPTS}
    if kind not in scripts:
        raise StudyError(f"no figure {kind!r}{hint(kind, scripts)}; as in: study plot depth NAME")
    return scripts[kind]


def _names(script: FigureScript) -> list[str]:
    return [option.removeprefix("--") for option in script.options]


def _refuse(options: dict[str, Any], way: str) -> None:
    """Raises StudyError if any of these options was given."""
    if given := [name for name, value in options.items() if value]:
        what = "several studies" if given[0] == "more" else f"--{given[0]}"
        raise StudyError(f"{what}: {way}")
