"""The only reader of a search-space file: TOML in, a search space out, or every problem at once."""

import difflib
import math
import re
import tomllib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, get_args

from study import design as designs
from study import task as tasks
from study.errors import SearchSpaceError, TaskError
from study.space import Confirm, Design, Factor, Kind, Objective, Pruner, Range, Sampler, SearchSpace
from study.task import Fidelity, Level, Setting, Task
from study.trial import SOURCES


def read(path: Path) -> SearchSpace:
    """The search space in a TOML file. Raises SearchSpaceError with every problem in it, each naming file and key."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SearchSpaceError([f"{path}: no such file; {_files(path)}"]) from None
    except OSError as error:
        raise SearchSpaceError([f"{path}: cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError as error:
        raise SearchSpaceError(
            [f"{path}: is not UTF-8 text: byte {error.start} is {error.object[error.start]:#04x}"]
        ) from None
    except (ValueError, RecursionError) as error:
        raise SearchSpaceError([f"{path}: is not valid TOML: {error}"]) from None
    return _Reader(path, document).space()


def _files(path: Path) -> str:
    there = sorted(str(file) for file in path.parent.glob("*.toml")) if path.parent.is_dir() else []
    close = difflib.get_close_matches(str(path), there, n=1)
    if close:
        return f"did you mean {close[0]}?"
    return f"there are {', '.join(there)}" if there else f"{path.parent} holds no .toml file"


def _hint(word: str, known: Iterable[str]) -> str:
    known = list(known)
    close = difflib.get_close_matches(word, known, n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; known are {', '.join(sorted(known))}" if known else ""


Rule = Callable[[Any], str | None]
"""What is wrong with a value ("must be …"), or None."""


def _text(value: Any) -> str | None:
    return None if isinstance(value, str) else "must be a text"


def _flag(value: Any) -> str | None:
    return None if isinstance(value, bool) else "must be true or false"


def _table(value: Any) -> str | None:
    return None if isinstance(value, dict) else "must be a table"


def _whole(low: int, high: int = 10**9) -> Rule:
    def rule(value: Any) -> str | None:
        good = isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
        return None if good else f"must be a whole number from {low:,} to {high:,}"

    return rule


def _positive(value: Any) -> str | None:
    good = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < math.inf
    return None if good else "must be a number above 0"


def _one_of(words: Sequence[str]) -> Rule:
    def rule(value: Any) -> str | None:
        if value in words and isinstance(value, str):
            return None
        return (
            "must be one of " + ", ".join(map(repr, words)) + (_close(value, words) if isinstance(value, str) else "")
        )

    return rule


def _close(word: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def _texts(known: Sequence[str] | None = None) -> Rule:
    def rule(value: Any) -> str | None:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            return "must be a list of texts"
        if len(set(value)) != len(value):
            return "must not repeat itself"
        if known is not None and not (value and set(value) <= set(known)):
            return "must be a list of one or more of " + ", ".join(map(repr, known))
        return None

    return rule


def _name(value: Any) -> str | None:
    good = isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", value)
    return None if good else "must be at most 64 letters, digits, '_' and '-', the first a letter or a digit"


def _seeds(value: Any) -> str | None:
    if not isinstance(value, list):
        return _whole(1, 10_000)(value) and "must be a whole number from 1 to 10,000, or a list of seeds"
    if not value or any(_whole(0, 2**31 - 1)(seed) for seed in value):
        return "must be one or more whole numbers from 0 to 2,147,483,647"
    return "must not repeat a seed" if len(set(value)) != len(value) else None


_MISSING = object()


class _Reader:
    """Reads one document and gathers every problem; a value that is wrong is replaced so that reading goes on."""

    def __init__(self, path: Path, document: dict[str, Any]) -> None:
        self.path = path
        self.document = document
        self.problems: list[str] = []

    def complain(self, key: str, text: str) -> None:
        self.problems.append(f"{self.path}: {key}: {text}")

    def take(self, table: dict[str, Any], key: str, rule: Rule, default: Any = _MISSING, *, within: str = "") -> Any:
        """Remove `key` from `table`: its value where it keeps the rule, else the default and a complaint."""
        value = table.pop(key, _MISSING)
        fallback = None if default is _MISSING else default
        if value is _MISSING:
            if default is _MISSING:
                self.complain(within + key, f"is missing; it {rule(None)}")
            return fallback
        if problem := rule(value):
            self.complain(within + key, f"{problem}, not {_short(value)}")
            return fallback
        return value

    def leftovers(self, table: dict[str, Any], known: Sequence[str], *, within: str = "") -> None:
        for key in table:
            self.complain(within + key, f"no such key{_hint(key, known)}")

    def space(self) -> SearchSpace:
        table = dict(self.document)
        name = self.take(table, "name", _name, self.path.stem)
        if problem := _name(name):  # The default, a file's stem, may break the rule too.
            self.complain("name", f"{problem}, not {name!r} (the file's name stands in for a name)")
        task = self._task(self.take(table, "task", _text))
        objective = self._objective(self.take(table, "objective", _table))
        design = self._design(self.take(table, "design", _table))
        seeds = self._seeds(table, design)
        baseline_table = dict(self.take(table, "baseline", _table, {}))
        factor_table = dict(self.take(table, "factors", _table) or {})
        fidelity_table = dict(self.take(table, "fidelity", _table, {}))
        simple = {key: self.take(table, key, rule, default) for key, (rule, default) in _SIMPLE.items()}
        self.leftovers(table, _TOP)
        if task is None or design is None:
            raise SearchSpaceError(self.problems)
        fidelity = self._fidelity(fidelity_table, baseline_table, task)
        baseline = self._baseline(baseline_table, task)
        factors = self._factors(factor_table, task)
        values: dict[str, Any] = {key: tuple(item) if isinstance(item, list) else item for key, item in simple.items()}
        try:
            made = SearchSpace(
                name=name,
                reference=self._reference,
                task=task.name,
                task_version=task.version,
                defaults=tasks.defaults(task),
                baseline=baseline,
                factors=factors,
                design=design,
                objective=objective or Objective("val_loss", "minimize"),
                fidelity=fidelity,
                seeds=seeds,
                **values,
            )
        except SearchSpaceError as error:
            self.problems += [f"{self.path}: {problem}" for problem in error.problems]
        if not self.problems:
            self._combinations(made, task)
        if self.problems:
            raise SearchSpaceError(self.problems)
        return made

    def _combinations(self, space: SearchSpace, task: Task) -> None:
        """Complain of every point whose settings cannot go together, unless there are too many points to look at."""
        if (cells := designs.count(space)) > designs.MOST_CELLS:
            self.complain(
                "design", f"asks for {cells:,} cells; the most is {designs.MOST_CELLS:,}: fewer levels or seeds"
            )
            return
        baseline = space.config({}, seed=0)
        for point in designs.points(space):
            config = space.config(point, seed=0)
            for problem in task.problems(config.settings):
                where = "baseline" if not point else "factors"
                self.complain(where, f"{config.delta(baseline)}: {problem}")

    def _made(self, key: str, make: Callable[[], Any]) -> Any:
        try:
            return make()
        except (SearchSpaceError, TaskError) as error:
            self.complain(key, str(error))
            return None

    def _task(self, reference: str | None) -> Task | None:
        if reference is None:
            return None
        place, _, attribute = reference.rpartition(":")
        # A worker may run in another folder, so a file is named by its whole path from here on.
        self._reference = f"{(self.path.parent / place).resolve()}:{attribute}" if place.endswith(".py") else reference
        found: Task | None = self._made("task", lambda: tasks.load(reference, folder=self.path.parent))
        return found

    def _objective(self, table: dict[str, Any] | None) -> Objective | None:
        if table is None:
            return None
        table = dict(table)
        metric = self.take(table, "metric", _text, within="objective.")
        direction = self.take(table, "direction", _one_of(("maximize", "minimize")), within="objective.")
        self.leftovers(table, ("metric", "direction"), within="objective.")
        return Objective(metric, direction) if metric and direction else None

    def _design(self, table: dict[str, Any] | None) -> Design | None:
        if table is None:
            return None
        table = dict(table)
        kind = self.take(table, "kind", _one_of(get_args(Kind)), within="design.")
        seed = self.take(table, "seed", _whole(0, 2**31 - 1), 0, within="design.")
        if kind is None:
            return None
        if kind != "sweep":
            for key in [key for key in _SWEEP if key in table]:
                del table[key]
                self.complain(f"design.{key}", f"is for sweeps only; the kind here is {kind!r}")
            self.leftovers(table, ("kind", "seed"), within="design.")
            return Design(kind, seed)
        trials = self.take(table, "trials", _whole(1, designs.MOST_CELLS), within="design.")
        sampler = self.take(table, "sampler", _one_of(get_args(Sampler)), "tpe", within="design.")
        pruner = self.take(table, "pruner", _one_of(get_args(Pruner)), "none", within="design.")
        confirm = dict(self.take(table, "confirm", _table, {}, within="design."))
        top = self.take(confirm, "top", _whole(1, 1000), 3, within="design.confirm.")
        seeds = self.take(confirm, "seeds", _whole(1, 1000), 5, within="design.confirm.")
        self.leftovers(confirm, ("top", "seeds"), within="design.confirm.")
        self.leftovers(table, ("kind", "seed", *_SWEEP), within="design.")
        return Design(kind, seed, trials or 1, sampler, pruner, Confirm(top, seeds))

    def _seeds(self, table: dict[str, Any], design: Design | None) -> tuple[int, ...]:
        if design is not None and design.kind == "sweep":
            if table.pop("seeds", None) is not None:
                self.complain("seeds", "a sweep runs each suggested point once; give design.confirm.seeds instead")
            return (0,)
        seeds = self.take(table, "seeds", _seeds, 5)
        return tuple(range(seeds)) if isinstance(seeds, int) else tuple(seeds)

    def _fidelity(self, table: dict[str, Any], baseline: dict[str, Any], task: Task) -> Fidelity:
        """The budget; `train_examples` may stand in the baseline instead, as a factor's baseline level does."""
        if "train_examples" in baseline and "train_examples" not in table:
            table["train_examples"] = baseline.pop("train_examples")
        whole = task.fidelity
        most = {
            "epochs": 1_000_000,
            "train_examples": whole.train_examples,
            "validation_examples": whole.validation_examples,
        }
        values = {
            key: self.take(table, key, _whole(1, high), getattr(whole, key), within="fidelity.")
            for key, high in most.items()
        }
        self.leftovers(table, list(most), within="fidelity.")
        return Fidelity(**values)

    def _baseline(self, table: dict[str, Any], task: Task) -> dict[str, Level]:
        baseline = tasks.defaults(task)
        for name, value in table.items():
            setting = task.settings.get(name)
            if setting is None:
                self.complain(f"baseline.{name}", f"no such setting in task {task.name!r}{_hint(name, task.settings)}")
            elif problem := setting.problem(value):
                self.complain(f"baseline.{name}", f"{problem}, not {_short(value)}")
                baseline[name] = setting.default
            else:
                baseline[name] = setting.level(value)
        return baseline

    def _factors(self, table: dict[str, Any], task: Task) -> tuple[Factor, ...]:
        examples = Setting(task.fidelity.train_examples, low=1, high=task.fidelity.train_examples)
        known = {**task.settings, "train_examples": examples}
        factors = []
        if not table and "factors" in self.document and self.document["factors"] == {}:
            self.complain("factors", "is empty; a study varies at least one factor")
        for name, levels in table.items():
            if name not in known:
                self.complain(f"factors.{name}", f"no such factor in task {task.name!r}{_hint(name, known)}")
            elif isinstance(levels, dict):
                factors.append(self._range(name, dict(levels), known[name]))
            elif isinstance(levels, list):
                factors.append(self._levels(name, levels, known[name]))
            else:
                self.complain(f"factors.{name}", f"must be a list of levels or a range, not {_short(levels)}")
        return tuple(factor for factor in factors if factor is not None)

    def _levels(self, name: str, levels: list[Any], setting: Setting) -> Factor | None:
        wrong = [(level, problem) for level in levels if (problem := setting.problem(level))]
        for level, problem in wrong:
            self.complain(f"factors.{name}", f"{problem}, not {_short(level)}")
        if wrong:
            return None
        made: Factor | None = self._made(
            f"factors.{name}", lambda: Factor(name, tuple(map(setting.level, levels)), setting.allowed)
        )
        return made

    def _range(self, name: str, table: dict[str, Any], setting: Setting) -> Factor | None:
        within, before = f"factors.{name}.", len(self.problems)

        def end(value: Any) -> str | None:
            if setting.choices or isinstance(setting.default, bool | str):
                return "must not be given: this factor takes a list of levels"
            return setting.problem(value)

        values = {key: self.take(table, key, end, within=within) for key in ("low", "high")}
        values["log"] = self.take(table, "log", _flag, False, within=within)
        values["step"] = self.take(table, "step", _positive, None, within=within)
        self.leftovers(table, ("low", "high", "log", "step"), within=within)
        if len(self.problems) > before:
            return None
        values |= {key: setting.level(values[key]) for key in ("low", "high")}
        made: Factor | None = self._made(f"factors.{name}", lambda: Factor(name, Range(**values)))
        return made


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


_SWEEP = ("trials", "sampler", "pruner", "confirm")
_SIMPLE: dict[str, tuple[Rule, Any]] = {
    "description": (_text, ""),
    "vary": (_texts(SOURCES), ["weights", "order"]),
    "nuisance": (_texts(), []),
    "paired": (_flag, False),
    "equal_variances": (_flag, False),
    "margin": (_positive, None),
    "trial_timeout": (_positive, None),
    "max_retries": (_whole(0, 100), 2),
}
_TOP = ("name", "task", "objective", "design", "seeds", "baseline", "factors", "fidelity", *_SIMPLE)
