"""A ledger in one file, for machines that have neither Optuna nor MLflow: `study import` brings it into a store."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from study.engines.cell_folder import folder_name, remove_working_files
from study.errors import StoreError, StudyError
from study.files import append_line, cut_torn_line, make_folder
from study.ledger import store
from study.ledger.cell import Trial, check_room, judged, state_after
from study.records import record_file as exchange
from study.records.record_file import Header, Record, RecordError
from study.space import points as design
from study.space.revision import changes, refusal, revision, thread_changes
from study.space.search_space import SearchSpace
from study.space.trial import CellState, Metrics, State, TrialConfig, TrialResult


class RecordLedger:
    """The cells of an enumerated study and their results, kept in a file of records; `own` gives one."""

    def __init__(self, path: Path, header: Header, records: Iterable[Record]) -> None:
        self.space = header.space
        self.threads = header.threads
        self._path = path
        self._ends: dict[str, list[State]] = defaultdict(list)
        for record in records:
            self._ends[record.config.key].append(record.result.state)
        self._numbers = count()
        self._running: dict[int, Trial] = {}
        self._queue = deque(config for config in design.cells(self.space) if self._state(config) == "missing")

    @classmethod
    @contextmanager
    def own(cls, path: Path, space: SearchSpace, *, threads: int | None = None) -> Iterator["RecordLedger"]:
        """The records in a file, begun where it is missing, owned by this process alone.

        Raises StudyError where the study is a sweep, where another process owns the file, where that cannot be
        written or is none of records, or where its results were made with something else than what is asked for.
        """
        if path.suffix != exchange.ENDING:
            raise StudyError(f"--records must end in {exchange.ENDING}, not {path.name!r}")
        if space.design.kind == "sweep":
            raise StudyError(f"study {space.name!r} is a sweep, whose points Optuna suggests: run it without --records")
        cells = _cells(path)
        make_folder(cells, way="give another file")
        with store.owned(cells, what=str(path)):
            records = cls(path, *_begin(path, space, threads))
            records._reconcile()
            yield records

    def counts(self) -> Counter[str]:
        """How many cells are in each state."""
        running = {claim.config.key for claim in self._running.values()}
        configs = design.cells(self.space)
        return Counter("running" if config.key in running else self._state(config) for config in configs)

    def cell_folder(self, config: TrialConfig) -> Path:
        """Where a cell keeps its log and, while it runs, its checkpoint."""
        return _cells(self._path) / folder_name(config.key)

    def next(self) -> Trial | None:
        """Claim the next cell that must be run, or None where there is none."""
        if not self._queue:
            return None
        config = self._queue.popleft()
        claim = Trial(next(self._numbers), config, config.delta(self.space.config({}, seed=0)))
        self._running[claim.number] = claim
        return claim

    def built(self, trial: int, size: Metrics) -> bool:
        """Whether a running trial shall train its model: always. The constraints judge its result."""
        return True

    def epoch(self, trial: int, epoch: int, metrics: Metrics) -> bool:
        """Whether a running trial goes on after this epoch: only a sweep ends one early."""
        return True

    def record(self, trial: int, result: TrialResult) -> TrialResult:
        """Record what came out of a running trial; the result as it now stands. Raises StoreError on a full disk."""
        claim = self._running.pop(trial)
        check_room(result, self._path)
        result = judged(result, self.space)
        # In this order: a cell that is over has its line, and then no checkpoint.
        self._append(Record.of(claim, result))
        if result.state != "failed":
            remove_working_files(self.cell_folder(claim.config))
        elif self._state(claim.config) == "missing":
            self._queue.append(claim.config)
        return result

    def release(self, trial: int, reason: str) -> None:
        """Give back a running trial: its cell is missing again."""
        del self._running[trial]

    def _append(self, record: Record) -> None:
        append_line(self._path, record.line(self.space))
        self._ends[record.config.key].append(record.result.state)

    def _state(self, config: TrialConfig) -> CellState:
        ends = self._ends.get(config.key)
        if not ends:
            return "missing"
        return state_after(ends[-1], failures=ends.count("failed"), retries=self.space.max_retries)

    def _reconcile(self) -> None:
        """Do what a launcher that died after it had recorded a trial did not come to."""
        for config in design.cells(self.space):
            if self._state(config) not in ("missing", "failed"):
                remove_working_files(self.cell_folder(config))


def _cells(path: Path) -> Path:
    return path.absolute().with_suffix(".cells")


def _begin(path: Path, space: SearchSpace, threads: int | None) -> tuple[Header, list[Record]]:
    """What a file holds, brought up to what is asked for now; a new one where there is none."""
    if not path.exists():
        header = Header(space, threads or 1)
        exchange.write(path, header, ())
        return header, []
    before, records = _read(path)
    if before.space.name != space.name:
        raise StoreError(f"{path}: holds study {before.space.name!r}, not {space.name!r}; give another file")
    different = [*changes(before.space, space), *thread_changes(before.threads, threads)]
    if records and different:
        raise StoreError(f"{path}: {refusal(space.name, different)}")
    said = revision(before.space, space, results=len(records))
    revisions = (*before.revisions, said) if said else before.revisions
    now = Header(space, threads or before.threads, revisions)
    if now.line() != before.line():  # The study has grown.
        exchange.write(path, now, records)
    return now, records


def _read(path: Path) -> tuple[Header, list[Record]]:
    exchange.read(path)  # Of a file that is none of records nothing is cut off.
    cut_torn_line(path)
    header, lines = exchange.read(path)
    records = []
    for number, found in lines:
        if isinstance(found, RecordError):
            raise StoreError(f"{path}, line {number}: {found}; take it out, and its cell runs again")
        records.append(found)
    return header, records
