"""Openings of the test split: the time, the model and the scores. Each is recorded before the scores are shown."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from study.errors import StoreError
from study.files import append, cut_torn_line
from study.space.trial import Metrics

_FILE = "test_openings.jsonl"


@dataclass(frozen=True)
class Opening:
    """One evaluation of a model on the test split."""

    time: str
    """The time in UTC, in the format of ISO 8601."""
    point: str
    seed: int
    key: str
    examples: int
    scores: Metrics


def record_opening(folder: Path, opening: Opening) -> None:
    """Add an opening to the file in a study's folder, whole or not at all. The caller must own the study."""
    cut_torn_line(folder / _FILE)
    append(folder / _FILE, json.dumps(asdict(opening)) + "\n")


def read_openings(folder: Path) -> list[Opening]:
    """Read every opening of a study's test split, the first one first. Raises StoreError if a line is damaged."""
    path = folder / _FILE
    # If the last line has no line feed, its process died while it wrote the line, before anybody saw the scores.
    lines = path.read_bytes().split(b"\n")[:-1] if path.is_file() else []
    try:
        return [Opening(**json.loads(line)) for line in lines if line.strip(b"\0")]
    except (ValueError, TypeError) as error:
        raise StoreError(
            f"{path}: cannot be read ({error}), so nobody knows how often the test split was opened; put a copy back, "
            "or mend the line by hand"
        ) from None


def openings_in_words(openings: Sequence[Opening]) -> str:
    """Returns how often the test split was opened, as a clause. Every report includes it."""
    if not openings:
        return "the test split was never opened"
    times = "once" if len(openings) == 1 else f"{len(openings)} times"
    points = dict.fromkeys(f"{opening.point}, seed {opening.seed}" for opening in openings)
    return f"the test split was opened {times}, for {'; '.join(points)}; last on {openings[-1].time}"
