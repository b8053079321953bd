"""The file in which results go from one machine to another: a line that says whose they are, then a line a trial."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from study.errors import StoreError, StudyError
from study.files import write_whole
from study.ledger.cell import Phase, Trial
from study.space.rules import NAME
from study.space.search_space import SearchSpace
from study.space.trial import Failure, State, TrialConfig, TrialResult
from study.task import Level

ENDING = ".jsonl"
_FORMAT, _VERSION = "keras-study records", 1
_MALFORMED = (ValueError, LookupError, TypeError, AttributeError, OverflowError, StudyError)
"""What reading a value may raise that is not built as it should be."""


class RecordError(StoreError):
    """A line that holds no trial of the study; says in a few words why."""


@dataclass(frozen=True)
class Header:
    """Whose results a file holds: the study's definition, the threads that its workers had, what was revised."""

    space: SearchSpace
    threads: int
    revisions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.threads < 1:
            raise StoreError(f"threads must be at least 1, not {self.threads}")

    def line(self) -> str:
        """As the first line of a file."""
        space = self.space
        about = {"study": space.name, "task": space.task, "task_version": space.task_version, "threads": self.threads}
        revised = {"revisions": self.revisions} if self.revisions else {}
        return _line({"format": _FORMAT, "version": _VERSION, **about, **revised, "definition": space.to_json()})

    @classmethod
    def parse(cls, line: str) -> "Header":
        """What `line` wrote; raises RecordError."""
        try:
            said = json.loads(line)
            if said["format"] != _FORMAT:
                raise ValueError
        except _MALFORMED:
            raise RecordError("is no file of records; `study export` and `study run --records` write one") from None
        if said.get("version") != _VERSION:
            raise RecordError(f"is of version {said.get('version')!r}; this program reads version {_VERSION}")
        try:
            revisions = tuple(map(str, said.get("revisions", ())))
            made = cls(SearchSpace.from_json(said["definition"]), int(said["threads"]), revisions)
        except _MALFORMED as error:
            raise RecordError(f"its first line is damaged ({type(error).__name__}: {error})") from None
        if not NAME.holds(made.space.name):  # It becomes the name of a folder.
            raise RecordError(f"the study's name must be {NAME.words}, not {made.space.name!r}")
        return made


@dataclass(frozen=True)
class Record:
    """One trial that has a result."""

    config: TrialConfig
    result: TrialResult
    phase: Phase = ""
    origin: str = ""
    """How the search arrived at the point, if it was not the sampler's first suggestion."""

    @classmethod
    def of(cls, claim: Trial, result: TrialResult) -> "Record":
        """The record of a claim and what came of it."""
        return cls(claim.config, result, claim.phase, claim.origin)

    def line(self, space: SearchSpace) -> str:
        """As a line of a file of this study."""
        config, result = self.config, self.result
        drawn = {"drawn": self.origin} if self.origin else {}
        cell = {"point": config.changes(space.config({}, seed=0)), "seed": config.seed, "phase": self.phase, **drawn}
        curve = [dict(metrics) for metrics in result.curve]
        return _line({"key": config.key, **cell, "state": result.state, "result": result.to_json(), "curve": curve})

    @classmethod
    def parse(cls, line: str, space: SearchSpace) -> "Record":
        """What `line` wrote; raises RecordError, also where the key is not that of the point, its seed and fidelity."""
        if not line.endswith("\n"):
            raise RecordError("was cut off while it was written")
        try:
            said = json.loads(line)
            config = space.config(_point(said["point"], space), seed=int(said["seed"]))
            result = _result(said["result"], said["curve"])
            made = cls(config, result, said["phase"], said.get("drawn", ""))
            if made.phase not in get_args(Phase) or said["state"] != result.state:
                raise ValueError(f"phase {made.phase!r}, state {said['state']!r}")
            key, ours = str(said["key"]), config.key
        except _MALFORMED as error:
            raise RecordError(f"is no record of a trial ({type(error).__name__}: {error})") from None
        if key != ours:
            raise RecordError(f"has the key {key[:12]}…, but its point, seed and fidelity make {ours[:12]}…")
        return made


def _point(point: Mapping[str, Level], space: SearchSpace) -> Mapping[str, Level]:
    known = {*space.baseline, "train_examples"}
    for name, level in point.items():
        if name not in known or not isinstance(level, Level):
            raise ValueError(f"no such level: {name} = {level!r}")
    return point


def _result(said: Mapping[str, Any], curve: Iterable[Mapping[str, Any]]) -> TrialResult:
    result = TrialResult(**said, curve=tuple(map(dict, curve)))
    if result.state not in get_args(State) or result.failure not in get_args(Failure):
        raise ValueError(f"no such end of a trial: {result.state!r} {result.failure!r}")
    if not all(isinstance(each, Mapping) for each in (result.data, result.environment, result.timing)):
        raise TypeError("data, environment and timing are tables")
    numbers = [result.seconds, *(value for metrics in result.curve for value in metrics.values())]
    if not all(isinstance(number, int | float) for number in numbers):
        raise TypeError("seconds and metrics are numbers")
    return result


def _line(value: object) -> str:
    return json.dumps(value, separators=(",", ":")) + "\n"


def read(path: Path) -> tuple[Header, Iterator[tuple[int, Record | RecordError]]]:
    """Whose results a file holds, then of each further line its number and its trial, or why it holds none.

    Raises StoreError where it is no such file.
    """
    try:
        lines = path.read_bytes().decode("utf-8", errors="replace").splitlines(keepends=True)
    except OSError as error:
        raise StoreError(f"{path}: cannot be read: {error.strerror or error}") from None
    try:
        header = Header.parse(lines[0] if lines else "")
    except RecordError as error:
        raise StoreError(f"{path}: {error}") from None
    return header, _records(lines[1:], header.space)


def _records(lines: Iterable[str], space: SearchSpace) -> Iterator[tuple[int, Record | RecordError]]:
    for number, line in enumerate(lines, start=2):
        try:
            yield number, Record.parse(line, space)
        except RecordError as error:
            yield number, error


def write(path: Path, header: Header, records: Iterable[Record]) -> int:
    """Write a whole file or nothing of it; the number of its trials."""
    lines = [record.line(header.space) for record in records]
    try:
        write_whole(path, "".join([header.line(), *lines]))
    except OSError as error:
        raise StoreError(f"{path}: cannot be written: {error.strerror or error}") from None
    return len(lines)
