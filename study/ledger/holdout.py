"""When the test split was opened, for which model, and what came out: written down before anyone is told."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from study.files import append_line, cut_torn_line
from study.space.trial import Metrics

_FILE = "test_openings.jsonl"


@dataclass(frozen=True)
class Opening:
    """One look at the test split."""

    time: str
    """In UTC, as ISO 8601 writes it."""
    point: str
    seed: int
    key: str
    examples: int
    scores: Metrics


def record(folder: Path, opening: Opening) -> None:
    """Add an opening to those of a study's folder, whole or not at all; whoever calls owns the study."""
    cut_torn_line(folder / _FILE)
    append_line(folder / _FILE, json.dumps(asdict(opening)) + "\n")


def read(folder: Path) -> list[Opening]:
    """Every opening of a study's test split, the first one first."""
    path = folder / _FILE
    # A last line that was written in part is of an opening that nobody was told of.
    lines = path.read_text(encoding="utf-8").split("\n")[:-1] if path.is_file() else []
    return [Opening(**json.loads(line)) for line in lines]


def sentence(openings: Sequence[Opening]) -> str:
    """How often the test split was opened, for every report."""
    if not openings:
        return "the test split was never opened"
    times = "once" if len(openings) == 1 else f"{len(openings)} times"
    points = dict.fromkeys(f"{opening.point}, seed {opening.seed}" for opening in openings)
    return f"the test split was opened {times}, for {'; '.join(points)}; last on {openings[-1].time}"
