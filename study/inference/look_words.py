"""What the looks of a study have decided, in words. Needs no pandas."""

from collections.abc import Iterator, Sequence

import numpy as np

from study.inference.looks import Course, Plan
from study.inference.verdict_rule import Verdict
from study.space.looks import looks_text


def look_verdicts(course: Course, plan: Plan) -> list[Verdict]:
    """Returns the verdict on each variant by the looks so far."""
    standing = course.standing
    better, worse = plan.sign * standing.found > 0, plan.sign * standing.found < 0
    words = np.select([better, worse, standing.within], ["helps", "hurts", "no difference"], "undecided")
    return list(words.tolist())


def look_texts(course: Course, plan: Plan) -> list[str]:
    """Returns for each variant the look of its verdict: `look 2 of 4`, `given up at look 1 of 4`, `after look 3 of 4`.

    A variant that goes on has the last look that is complete.
    """
    standing, count = course.standing, len(plan.looks)
    decided = (standing.found != 0) | standing.within
    now = "before the first look"
    if course.done:
        now = "after the last look" if course.done == count else f"after look {course.done} of {count}"
    return [
        now if stopped < 0 else f"{'' if sure else 'given up at '}look {stopped + 1} of {count}"
        for stopped, sure in zip(standing.stopped.tolist(), decided.tolist(), strict=True)
    ]


def look_lines(points: Sequence[str], course: Course, plan: Plan) -> list[str]:
    """Returns lines about the looks: what each one has decided, and who gets more seeds. `points` are the variants."""
    decided = [_decided(points, course, plan, turn) for turn in range(course.done)]
    return [looks_text(plan.looks), *decided, *_open(points, course, plan)]


def _decided(points: Sequence[str], course: Course, plan: Plan, turn: int) -> str:
    """Returns what one look has decided."""
    verdicts = look_verdicts(course, plan)
    stopped = [place for place, at in enumerate(course.standing.stopped.tolist()) if at == turn]
    groups: dict[str, list[str]] = {}
    for place in stopped:
        word = verdicts[place].replace("undecided", "given up, because a verdict is improbable")
        groups.setdefault(word, []).append(points[place])
    text = "; ".join(f"{word}: {', '.join(names)}" for word, names in sorted(groups.items()))
    return f"look {turn + 1} of {len(plan.looks)}: {text or 'nothing is decided'}"


def _open(points: Sequence[str], course: Course, plan: Plan) -> Iterator[str]:
    """Yields who is not decided yet."""
    names = ", ".join(name for name, goes_on in zip(points, course.standing.goes_on, strict=True) if goes_on)
    if not course.is_over(plan):
        seeds = plan.looks[course.done].variants
        yield f"look {course.done + 1} of {len(plan.looks)}, at {seeds} seeds, is not complete: {names}"
    elif names:
        yield f"undecided after the last look: {names}"
