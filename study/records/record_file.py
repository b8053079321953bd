"""The file that carries results from one machine to another: a line about the study, then a line for each trial."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, get_args

from study.errors import StoreError, StudyError
from study.files import write_whole
from study.ledger.cell import Phase, Trial
from study.ledger.codes import Codes
from study.records.checked_types import check_types
from study.records.record_sum import parsed_line, sealed_line, was_changed
from study.space.hints import one_line, short
from study.space.printable import printable, printable_line, printable_texts
from study.space.rules import NAME
from study.space.search_space import SearchSpace
from study.space.trial import Failure, State, TrialConfig, TrialResult
from study.space.untrusted_task import trusted
from study.task import Level

ENDING = ".jsonl"
_FORMAT, _VERSION = "keras-study records", 1
_LONGEST_MESSAGE = 400
_SHOWN = 40
"""Characters of a bad line that an error shows."""
_MALFORMED = (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError, StudyError)
"""Errors that may be raised while a malformed value is read."""


class RecordError(StoreError):
    """A line holds no trial of the study. The message says why, on one printable line, whatever the file holds."""

    def __init__(self, message: str) -> None:
        super().__init__(printable_line(message, most=_LONGEST_MESSAGE))


@dataclass(frozen=True)
class Header:
    """The study whose results a file holds: its definition, the threads of its workers, and its revisions."""

    space: SearchSpace
    threads: int
    revisions: tuple[str, ...] = ()
    codes: Codes = field(default_factory=Codes)
    """The codes of the task that made the results."""

    def __post_init__(self) -> None:
        if self.threads < 1:
            raise StoreError(f"threads must be at least 1, not {self.threads}")

    def line(self) -> str:
        """Returns the first line of the file."""
        # Whether this machine trusts the task says nothing to another one.
        space = replace(self.space, reference=trusted(self.space.reference))
        about = {"study": space.name, "task": space.task, "task_version": space.task_version, "threads": self.threads}
        later = {"revisions": self.revisions, "codes": self.codes.to_json()}
        revised = {name: value for name, value in later.items() if value}
        return sealed_line({"format": _FORMAT, "version": _VERSION, **about, **revised, "definition": space.to_json()})

    @classmethod
    def parse(cls, line: str) -> "Header":
        """Parse the first line of a file. Raises RecordError."""
        try:
            if json.loads(line)["format"] != _FORMAT:
                raise ValueError
        except _MALFORMED:
            begin = f"begins with {line[:_SHOWN]!r}"
            raise RecordError(
                f"is no file of records ({begin}); `study export` or `study run --records` writes one"
            ) from None
        try:
            content = parsed_line(line)
        except _MALFORMED as error:
            raise RecordError(f"its first line is damaged ({error})") from None
        if content.get("version") != _VERSION:
            raise RecordError(f"is of version {content.get('version')!r}; this program reads version {_VERSION}")
        try:
            revisions = tuple(printable(str(text)) for text in content.get("revisions", ()))
            codes = Codes.from_json(printable_texts(content.get("codes", {})))
            header = cls(SearchSpace.from_json(content["definition"]), content["threads"], revisions, codes)
            check_types(header)
            json.dumps(header.space.to_json(), allow_nan=False)  # A level that is not finite has no key.
        except _MALFORMED as error:
            raise RecordError(f"its first line is damaged ({type(error).__name__}: {error})") from None
        if was_changed(content):
            raise RecordError("its first line was changed after it had been written: its checksum does not fit")
        if not NAME.holds(header.space.name):  # It becomes the name of a folder.
            raise RecordError(f"the study's name must be {NAME.words}, not {header.space.name!r}")
        return header


@dataclass(frozen=True)
class Record:
    """One trial that has a result."""

    config: TrialConfig
    result: TrialResult
    phase: Phase = ""
    origin: str = ""
    """How the search arrived at the point, if it was not the sampler's first suggestion."""

    @classmethod
    def of(cls, trial: Trial, result: TrialResult) -> "Record":
        """Make the record of a trial that has this result."""
        return cls(trial.config, result, trial.phase, trial.origin)

    def line(self, space: SearchSpace) -> str:
        """Returns the trial's line in a file of this study."""
        config, result = self.config, self.result
        drawn = {"drawn": self.origin} if self.origin else {}
        cell = {"point": config.changes(space.config({}, seed=0)), "seed": config.seed, "phase": self.phase, **drawn}
        curve = [dict(metrics) for metrics in result.curve]
        ended = {"state": result.state, "result": result.to_json(), "curve": curve}
        return sealed_line({"key": config.key, **cell, **ended})

    @classmethod
    def parse(cls, line: str, space: SearchSpace) -> "Record":
        """Parse a trial's line. Raises RecordError, also if the key does not fit the point, seed and fidelity."""
        if not line.endswith("\n"):
            raise RecordError(f"was cut off while it was written; it ends in {line[-_SHOWN:]!r}")
        try:
            content = parsed_line(line)
            config = space.config(_point(content["point"], space), seed=int(content["seed"]))
            result = _result(content["result"], content["curve"])
            record = cls(config, result, content["phase"], printable(content.get("drawn", "")))
            if record.phase not in get_args(Phase) or content["state"] != result.state:
                raise ValueError(f"phase {record.phase!r}, state {content['state']!r}")
            check_types(record)
            key, ours = str(content["key"]), config.key
        except _MALFORMED as error:
            raise RecordError(f"is no record of a trial ({type(error).__name__}: {error})") from None
        if key != ours:
            raise RecordError(f"has the key {key[:12]}…, but its point, seed and fidelity make {ours[:12]}…")
        if was_changed(content):
            raise RecordError("was changed after it had been written: its checksum does not fit")
        return record


def _point(point: Mapping[str, Level], space: SearchSpace) -> Mapping[str, Level]:
    names = {*space.baseline, "train_examples"}
    for name, level in point.items():
        if name not in names or not isinstance(level, Level):
            raise ValueError(f"no such level: {name} = {level!r}")
    return point


def _result(content: Mapping[str, Any], curve: Iterable[Mapping[str, Any]]) -> TrialResult:
    named = ({printable(name): value for name, value in dict(metrics).items()} for metrics in curve)
    result = TrialResult(**content, curve=tuple(named))
    if result.state not in get_args(State) or result.failure not in get_args(Failure):
        raise ValueError(f"no such end of a trial: {result.state!r} {result.failure!r}")
    for name in ("data", "environment", "timing", "final"):
        if not isinstance(table := getattr(result, name), Mapping):
            raise TypeError(f"{name} must be a table, not {table!r}")
    if not isinstance(result.code, str):
        raise TypeError(f"code must be a text, not {result.code!r}")
    tables = (result.timing, result.final, *result.curve)
    for number in (result.seconds, *(value for table in tables for value in table.values())):
        if not isinstance(number, int | float):
            raise TypeError(f"seconds, timing and metrics must be numbers, not {one_line(short(number))}")
    for name, value in result.environment.items():
        if not isinstance(value, Level | None):
            raise TypeError(f"environment.{name} must be a text or a number, not {one_line(short(value))}")
    return result


def read(path: Path) -> tuple[Header, Iterator[tuple[int, Record | RecordError]]]:
    """Read a file. Returns its header, then the number of each further line with the line's record or its error.

    Raises StoreError if it is not a file of records.
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
    """Write the whole file or nothing. Returns the number of its trials."""
    lines = [record.line(header.space) for record in records]
    try:
        write_whole(path, "".join([header.line(), *lines]))
    except OSError as error:
        raise StoreError(f"{path}: cannot be written: {error.strerror or error}") from None
    return len(lines)
