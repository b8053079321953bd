"""The parent run of a study in MLflow, which shows the whole study: the answer, its points, its file."""

import json
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd
from mlflow import MlflowClient
from mlflow.entities import Metric

from study.errors import InferenceError
from study.ledger.ledger import Ledger
from study.ledger.tables import table
from study.space.search_space import SearchSpace
from study.space.trial import CELL_STATES
from study.tracking.mlflow_names import milliseconds, shortened
from study.tracking.parent_note import parent_note
from study.tracking.point_metrics import Shown, point_metrics
from study.tracking.saved_view import PAGE
from study.tracking.study_file import StudyFile
from study.tracking.study_views import ShownCell, loads_some_seeds, save_views

_NOTE = "mlflow.note.content"
"""The tag that MLflow shows as a description."""
_FILE_TAG = "study.file"
_DEFINITION = "definition.json"
_OWN_NOTE = "study.note"
"""The tag of an experiment with the description that was written here last. Another one is a person's."""
_LONGEST_ANSWER = 4000
SOME_SEEDS = f"The list below loads {PAGE} runs at first, so that its means are over the first seeds: press Load more."


class ParentRun:
    """The parent run of a study. Raises whatever MLflow raises."""

    def __init__(self, client: MlflowClient, experiment: str, run: str, space: SearchSpace, store: Path) -> None:
        self._client = client
        self._experiment = experiment
        self._run = run
        self._space = space
        self._store = store
        logged = client.get_run(run).data
        self._file = logged.tags.get(_FILE_TAG, "")
        self._note = logged.tags.get(_NOTE, "")
        self._shown = {(name, 0): value for name, value in logged.metrics.items()}

    def keep_definition(self, file: StudyFile | None) -> None:
        """Keep what the study asks as artifacts: its definition, and its file if it has one."""
        self._client.log_text(self._run, json.dumps(self._space.to_json(), indent=2), _DEFINITION)
        if file is None:
            return
        self._file = str(file.path)
        self._client.set_tag(self._run, _FILE_TAG, self._file)
        self._client.log_text(self._run, file.text, file.path.name)

    def refresh(self) -> None:
        """Show what the store holds now: the saved views, the description, the numbers of every point."""
        # A ledger of its own, because the loop writes the other one at the same time.
        cells = table(Ledger.read(self._store, self._space.name))
        shown = [ShownCell(*map(str, row)) for row in cells[["point", "phase", "state"]].itertuples(index=False)]
        save_views(self._client, self._experiment, self._space, shown)
        self._describe(cells, warning=SOME_SEEDS if loads_some_seeds(shown) else "")
        self._log([*self._points(cells)])

    def end(self, counts: Mapping[str, int]) -> None:
        """Log the number of cells in each state, and end the run."""
        states = (state for state in CELL_STATES if counts.get(state) or (f"cells_{state}", 0) in self._shown)
        self._log([Shown(f"cells_{state}", 0, counts.get(state, 0)) for state in states])
        over = not counts.get("missing") and not counts.get("running")
        self._client.set_terminated(self._run, "FINISHED" if over else "KILLED")

    def _describe(self, cells: pd.DataFrame, *, warning: str) -> None:
        note = parent_note(self._space, cells, store=self._store, file=self._file)
        if note != self._note:
            self._client.set_tag(self._run, _NOTE, note)
            self._note = note
        self._describe_experiment(note.partition("\n")[0], warning)

    def _describe_experiment(self, answer: str, warning: str) -> None:
        """Show the question and its answer above every list of runs, unless a person has written something there."""
        tags = self._client.get_experiment(self._experiment).tags
        there, question = tags.get(_NOTE, ""), self._space.description
        link = f"[All verdicts](#/experiments/{self._experiment}/runs/{self._run}?workflowType=machine_learning)"
        said = shortened(" ".join([question, answer]).strip(), most=_LONGEST_ANSWER)
        text = " ".join(filter(None, [said, link, warning]))
        if there in ("", question, tags.get(_OWN_NOTE)) and there != text:
            self._client.set_experiment_tag(self._experiment, _OWN_NOTE, text)
            self._client.set_experiment_tag(self._experiment, _NOTE, text)

    def _points(self, cells: pd.DataFrame) -> Iterable[Shown]:
        try:
            return point_metrics(cells, self._space.factors)
        except InferenceError:  # The description says why there is no comparison.
            return ()

    def _log(self, numbers: Iterable[Shown]) -> None:
        """Log the numbers that are not shown yet."""
        self._read_curves(numbers := [*numbers])
        now = milliseconds(time.time())
        new = {(one.name, one.step): one.value for one in numbers}
        changed = {key: value for key, value in new.items() if self._shown.get(key) != value}
        if changed:
            metrics = [Metric(name, value, now, step) for (name, step), value in changed.items()]
            self._client.log_batch(self._run, metrics=metrics)
            self._shown |= changed

    def _read_curves(self, numbers: Iterable[Shown]) -> None:
        """Read the curves that an earlier launch logged. A number that is logged twice would be two points."""
        known = {name for name, step in self._shown if step}
        for name in {one.name for one in numbers if one.step} - known:
            history = self._client.get_metric_history(self._run, name)
            self._shown |= {(name, point.step): point.value for point in history}
