"""Finds the points of a study that its task refuses, because their settings cannot go together."""

from collections.abc import Iterator, Sequence

from study.errors import Problem, TaskError
from study.space.hints import MOST_SHOWN, short
from study.space.points import MOST_CELLS, Point, count_cells, listed_points
from study.space.search_space import SearchSpace
from study.space.trial import TrialConfig
from study.space.user_files import raised_at
from study.space.user_line import line_of
from study.task import Task


def refused_points(space: SearchSpace, task: Task) -> Iterator[Problem]:
    """Yields the problems of points that the task refuses. Points with the same reason make one problem.

    If there are too many cells to check each point, that is the only problem.
    """
    if (cells := count_cells(space)) > MOST_CELLS:
        fewer = "trials" if space.design.kind == "sweep" else "levels"
        most = f"the most is {MOST_CELLS:,}: take fewer {fewer} or seeds"
        yield Problem("design", f"asks for {cells:,} cells; {most}")
        return
    try:
        refused = _by_reason(space, task)
    except TaskError as error:
        yield Problem("task", str(error))
        return
    for reason, alike in list(refused.items())[:MOST_SHOWN]:
        yield _problem(space, reason, alike)
    if rest := sum(map(len, list(refused.values())[MOST_SHOWN:])):
        yield Problem("factors", f"and {rest:,} more impossible points")


def _by_reason(space: SearchSpace, task: Task) -> dict[str, list[Point]]:
    refused: dict[str, list[Point]] = {}
    for point in listed_points(space):
        for reason in refusals(task, space.config(point, seed=0)):
            refused.setdefault(reason, []).append(point)
    return refused


def _problem(space: SearchSpace, reason: str, alike: Sequence[Point]) -> Problem:
    label = space.config(alike[0], seed=0).delta(space.config({}, seed=0))
    others = f" and {len(alike) - 1:,} of the other points" if len(alike) > 1 else ""
    return Problem("factors" if alike[0] else "baseline", f"{label}{others}: {reason}")


def refusals(task: Task, config: TrialConfig) -> Sequence[str]:
    """Returns the reasons for which the task refuses these settings; empty if it accepts them.

    Raises TaskError if the task's own function fails or returns anything else. It is the user's code.
    """
    try:
        reasons = task.problems(config.settings)
    except TaskError:
        raise
    except (Exception, SystemExit) as error:
        raise TaskError(
            f"problems() of {task.name!r} raised {type(error).__name__}: {error}{raised_at(error)}"
        ) from error
    if isinstance(reasons, list | tuple) and all(isinstance(text, str) for text in reasons):
        return reasons
    rule = f"problems() of {task.name!r} must return a list of texts, not {short(reasons)}"
    raise TaskError(f"{rule} ({line_of(task, 'problems')})")
