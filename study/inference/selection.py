"""Which cells may be compared, and which point is the best. Needs neither a table nor pandas."""

from collections.abc import Iterable, Mapping


def may_be_compared(phases: Iterable[str]) -> list[bool]:
    """Returns for each cell, given by its phase, whether its value may enter a mean that is compared with others.

    All may, but of a search with confirmation only what confirms: the search's values are what chose its best points,
    and averaged in they would make these look better than they are.
    """
    confirming = [phase == "confirm" for phase in phases]
    return confirming if any(confirming) else [True] * len(confirming)


def best_point(means: Mapping[str, float], *, sign: int) -> str:
    """Returns the point with the best mean, the first of equal ones. `sign` is -1 if less is better, else 1.

    Raises ValueError if there is none.
    """
    return max(means, key=lambda point: sign * means[point])
