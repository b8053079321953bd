"""A ledger in one file, for machines that have neither Optuna nor MLflow: `study import` brings it into a store."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from study.engines.cell_folder import folder_name, remove_working_files
from study.errors import StoreError, StudyError
from study.files import cut_torn_line, make_folder
from study.ledger.cell import Trial, check_room, count_begun, judged, state_after
from study.ledger.claim import Claim
from study.ledger.codes import Cells as CellsByCode
from study.ledger.codes import Codes, begin, check_made_by, check_unedited, codes_of_cells, count_cells
from study.ledger.data_sets import DataSets
from study.ledger.look_cells import LookCells, Outcome, look_cells
from study.ledger.own_file import FileChangedError, OwnFile
from study.ledger.store import owned
from study.records import record_file
from study.records.record_file import Header, Record, RecordError
from study.space.points import listed_cells
from study.space.revision import changes, refusal, revision, thread_changes
from study.space.search_space import SearchSpace
from study.space.task_code import UNKNOWN, TaskCode
from study.space.trial import WITH_CURVE, CellState, Metrics, State, TrialConfig, TrialResult


class RecordLedger:
    """The cells of an enumerated study and their results, kept in a file of records; `own` gives one."""

    def __init__(self, path: Path, header: Header, records: Iterable[Record], *, code: TaskCode = UNKNOWN) -> None:
        self.space = header.space
        self.threads = header.threads
        self._path = path
        self._codes = header.codes
        self._code = code
        self._data_sets = DataSets()
        self._ends: dict[str, list[State]] = defaultdict(list)
        self._values: dict[str, float | None] = {}
        """The objective of each cell's last trial."""
        for record in records:
            self._note(record)
        self._numbers = count()
        self._running: dict[int, Trial] = {}
        self._file = OwnFile(path)
        self._claim: Claim | None = None
        self._queue = deque(self._missing())

    @classmethod
    @contextmanager
    def own(
        cls,
        path: Path,
        space: SearchSpace,
        *,
        threads: int | None = None,
        code: TaskCode = UNKNOWN,
        accept: bool = False,
    ) -> Iterator["RecordLedger"]:
        """Yields the ledger of a file of records, owned by this process alone. Makes the file if there is none.

        `code` and `accept` are as for a study in the store. Raises StudyError if the study is a sweep, if another
        process owns the file, if the file cannot be written or holds no records, or if the space, the threads or the
        code would change its results.
        """
        if path.suffix != record_file.ENDING:
            raise StudyError(f"--records must end in {record_file.ENDING}, not {path.name!r}")
        if space.design.kind == "sweep":
            raise StudyError(f"study {space.name!r} is a sweep, whose points Optuna suggests: run it without --records")
        cells = _cells(path)
        make_folder(cells, way="give another file")
        with owned(cells, what=str(path)) as claim:
            records = cls(path, *_begin(path, space, threads, code=code, accept=accept), code=code)
            records._claim = claim
            records._reconcile()
            yield records

    def counts(self) -> Counter[str]:
        """Returns the number of cells in each state."""
        running = {trial.config.key for trial in self._running.values()}
        return Counter("running" if config.key in running else self._state(config) for config in self._planned())

    def look_lines(self) -> Sequence[str]:
        """Returns what each look of the study has decided, in words. Empty if it declares none."""
        return self._look_cells().lines if self.space.looks else []

    def begun(self) -> int:
        """Returns how many missing cells have a checkpoint, and so go on after an epoch that is done."""
        return count_begun(_cells(self._path), self._missing())

    def trained(self) -> TrialConfig | None:
        """Returns a cell whose last trial trained. None if there is none."""
        return next((config for config in listed_cells(self.space) if self._state(config) in WITH_CURVE), None)

    def cell_folder(self, config: TrialConfig) -> Path:
        """The folder in which a cell keeps its log and, while it runs, its checkpoint."""
        return _cells(self._path) / folder_name(config.key)

    def next(self) -> Trial | None:
        """Start a trial of the next cell that is missing; None if there is none."""
        if self.space.looks and not self._queue and not self._running:
            self._queue.extend(self._missing())
        if not self._queue or (self._running and self._code.edited()):
            return None  # The trials that run may end before this raises.
        check_unedited(self._code, study=self.space.name)
        self._check_claim()
        config = self._queue.popleft()
        trial = Trial(next(self._numbers), config, config.delta(self.space.config({}, seed=0)))
        self._running[trial.number] = trial
        return trial

    def built(self, trial: int, size: Metrics, data: Mapping[str, Any] | None = None) -> bool:
        """Whether a running trial trains its model. Always true, because the constraints judge its result.

        Raises StoreError if its data are not those of the results before.
        """
        self._data_sets.check(data or {}, study=self.space.name)
        return True

    def epoch(self, trial: int, epoch: int, metrics: Metrics) -> bool:
        """Whether a running trial goes on after this epoch. Always true, because only a sweep ends trials early."""
        return True

    def record(self, trial: int, result: TrialResult) -> TrialResult:
        """Record the result of a running trial. Returns it as it counts. Raises StoreError if the disk is full."""
        started = self._running.pop(trial)
        check_room(result, self._path)
        self._check_claim()
        check_made_by(self._code, result.code, self._codes, study=self.space.name)
        self._data_sets.check(result.data, study=self.space.name)
        result = judged(result, self.space)
        # The line is written first, so that a kill never leaves a cell without both its line and its checkpoint.
        record = Record.of(started, result)
        self._append(record)
        self._note(record)
        if result.state != "failed":
            remove_working_files(self.cell_folder(started.config))
        elif self._state(started.config) == "missing":
            self._queue.append(started.config)
        return result

    def release(self, trial: int, reason: str) -> None:
        """Give back a running trial: its cell is missing again."""
        del self._running[trial]

    def _check_claim(self) -> None:
        if self._claim:
            self._claim.check()

    def _append(self, record: Record) -> None:
        try:
            self._file.append([record.line(self.space).encode()], sync=True)
        except FileChangedError as changed:
            kept = f"what it held went with it, and the checkpoints are in {_cells(self._path)}"
            raise StoreError(
                f"{changed}, so it ends here; {kept}; put the file back, and the same command goes on"
            ) from None

    def _note(self, record: Record) -> None:
        key, result = record.config.key, record.result
        self._ends[key].append(result.state)
        self._values[key] = self.space.objective.of(result)
        self._data_sets.add(result.data)

    def _planned(self) -> Iterable[TrialConfig]:
        return self._look_cells().configs if self.space.looks else listed_cells(self.space)

    def _missing(self) -> Iterator[TrialConfig]:
        return (config for config in self._planned() if self._state(config) == "missing")

    def _look_cells(self) -> LookCells:
        def outcome(config: TrialConfig) -> Outcome | None:
            state, value = self._state(config), self._values.get(config.key)
            return Outcome(state, value if state == "complete" else None) if config.key in self._ends else None

        return look_cells(self.space, outcome)

    def _state(self, config: TrialConfig) -> CellState:
        ends = self._ends.get(config.key)
        if not ends:
            return "missing"
        return state_after(ends[-1], failures=ends.count("failed"), retries=self.space.max_retries)

    def _reconcile(self) -> None:
        """Finish the clean-up that a killed launcher left undone."""
        for config in listed_cells(self.space):
            if self._state(config) not in ("missing", "failed"):
                remove_working_files(self.cell_folder(config))


def _cells(path: Path) -> Path:
    return path.absolute().with_suffix(".cells")


def _begin(
    path: Path, space: SearchSpace, threads: int | None, *, code: TaskCode, accept: bool
) -> tuple[Header, list[Record]]:
    """Bring a file's study up to date, or make the file. Returns its header and its records."""
    if not path.exists():
        header = Header(space, threads or 1, codes=Codes().with_code(code))
        record_file.write(path, header, ())
        return header, []
    before, records = _read(path)
    if before.space.name != space.name:
        raise StoreError(f"{path}: holds study {before.space.name!r}, not {space.name!r}; give another file")
    different = [*changes(before.space, space), *thread_changes(before.threads, threads)]
    if records and different:
        raise StoreError(f"{path}: {refusal(space.name, different)}")
    new = revision(before.space, space, results=len(records))
    revisions = (*before.revisions, new) if new else before.revisions
    codes = begin(before.codes, code, _cells_by_code(records), accept=accept, study=space.name)
    now = Header(space, threads or before.threads, revisions, codes)
    if now.line() != before.line():
        record_file.write(path, now, records)
    return now, records


def _cells_by_code(records: Iterable[Record]) -> CellsByCode:
    return count_cells(
        codes_of_cells((record.config.key, record.result.state, record.result.code) for record in records)
    )


def _read(path: Path) -> tuple[Header, list[Record]]:
    record_file.read(path)  # Raises if it is another kind of file, which must not be cut.
    cut_torn_line(path)
    header, lines = record_file.read(path)
    records = []
    for number, record in lines:
        if isinstance(record, RecordError):
            raise StoreError(f"{path}, line {number}: {record}; delete the line, and its cell runs again")
        records.append(record)
    return header, records
