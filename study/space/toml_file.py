"""The only reader of a search-space file: TOML in, a search space out, or every problem at once."""

import difflib
import importlib.util
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from study.errors import SearchSpaceError, TaskError
from study.space import points as designs
from study.space import rules as grammar
from study.space.design import FEWEST_PAIRS, Confirm, Design, Pruner
from study.space.factor import Factor, Range
from study.space.objective import Objective
from study.space.rules import Rule
from study.space.search_space import SearchSpace, comparison
from study.space.task_loading import load_task
from study.space.trial import SOURCES, TrialConfig
from study.task import Fidelity, Level, Setting, Task, defaults, describe, same


def read(path: Path) -> SearchSpace:
    """The search space in a TOML file. Raises SearchSpaceError with every problem in it, each naming file and key."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise SearchSpaceError([f"{path}: no such file; {_files(path)}"]) from None
    except OSError as error:
        raise SearchSpaceError([f"{path}: cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError as error:
        line, byte = error.object.count(b"\n", 0, error.start) + 1, error.object[error.start]
        problem = f"{path}: is not UTF-8 text: line {line} holds the byte {byte:#04x}; save it as UTF-8"
        raise SearchSpaceError([problem]) from None
    except tomllib.TOMLDecodeError as error:
        raise SearchSpaceError([f"{path}: is not valid TOML: {error}"]) from None
    except (ValueError, RecursionError):
        raise SearchSpaceError([f"{path}: is not valid TOML: a number or a nesting in it is far too large"]) from None
    return _Reader(path, document).space()


def _files(path: Path) -> str:
    found = [file for folder in (Path("search_spaces"), path.parent) for file in folder.glob("*.toml")]
    there = {file.stem: str(file) for file in found if file.name != "pyproject.toml"}
    if close := difflib.get_close_matches(path.stem, there, n=1):
        return f"did you mean {there[close[0]]}?"
    return f"there are {grammar.some(sorted(there.values()))}" if there else f"{path.parent} holds no .toml file"


def _too_large(document: dict[str, Any]) -> Iterator[str]:
    """The keys of whole numbers beyond the 64 bits that TOML has and Python's reader of it does not enforce."""
    waiting: list[tuple[str, Any]] = list(document.items())
    while waiting:  # Dotted keys nest deeper than Python's stack.
        key, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [(f"{key}.{name}", item) for name, item in value.items()]
        elif isinstance(value, list):
            waiting += [(key, item) for item in value]
        elif isinstance(value, int) and not -(2**63) <= value < 2**63:
            yield key


_MISSING = object()


class _Reader:
    """Reads one document and gathers every problem; a value that is wrong is replaced so that reading goes on."""

    def __init__(self, path: Path, document: dict[str, Any]) -> None:
        self.path = path
        self.document = document
        self.problems: list[str] = []
        self.keys: set[str] = set()

    def complain(self, key: str, text: str) -> None:
        self.problems.append(f"{self.path}: {grammar.one_line(f'{key}: {text}')}")
        self.keys.add(key)

    def refuse(self, key: str, problem: str, value: Any, *, among: Iterable[Any] = ()) -> None:
        self.complain(key, f"{problem}, not {grammar.short(value)}{grammar.close(value, among)}")

    def take(self, table: dict[str, Any], key: str, rule: Rule, default: Any = _MISSING, *, within: str = "") -> Any:
        """Remove `key` from `table`: its value where it keeps the rule, else the default and a complaint."""
        value = table.pop(key, _MISSING)
        fallback = None if default is _MISSING else default
        if value is _MISSING:
            if default is _MISSING:
                self.complain(within + key, f"is missing; it must be {rule.words}")
            return fallback
        if rule.holds(value):
            return value
        self.refuse(within + key, f"must be {rule.words}", value, among=rule.known)
        return fallback

    def leftovers(self, table: dict[str, Any], known: Sequence[str], *, within: str = "") -> None:
        for key in table:
            self.complain(within + key, f"no such key{grammar.hint(key, known)}")

    def space(self) -> SearchSpace:
        for key in sorted(set(_too_large(self.document))):
            self.complain(key, "must fit in 64 bits, as every whole number in TOML")
        if self.problems:
            raise SearchSpaceError(self.problems)
        table = dict(self.document)
        name = self._name(table)
        task = self._task(self.take(table, "task", grammar.TASK))
        objective, second = self._objectives(self.take(table, "objective", grammar.OBJECTIVE))
        pruner: Pruner = "none" if second else grammar.SOONEST
        design = self._design(self.take(table, "design", grammar.DESIGN), pruner=pruner)
        seeds = self._seeds(table, design)
        baseline_table = dict(self.take(table, "baseline", grammar.BASELINE, {}))
        factor_table = dict(self.take(table, "factors", grammar.FACTORS) or {})
        fidelity_table = dict(self.take(table, "fidelity", grammar.FIDELITY, {}))
        simple = {key: self.take(table, key, rule, default) for key, (rule, default) in grammar.SIMPLE.items()}
        simple |= {"nuisance": tuple(simple["nuisance"]), "vary": _in_order(simple["vary"])}
        simple["constraints"] = tuple(map(grammar.constraint, simple["constraints"]))
        flags = {key: simple.pop(key) for key in ("paired", "equal_variances")}
        if all(flags.values()):
            text = "contradicts equal_variances: pairs are compared by their differences; keep one of the two"
            self.complain("paired", text)
        self.leftovers(table, grammar.TOP)
        if task is None:  # Without it nobody knows what the other tables may hold.
            raise SearchSpaceError(self.problems)
        fidelity = self._fidelity(fidelity_table, baseline_table, task)
        baseline = self._baseline(baseline_table, task)
        factors = self._factors(factor_table, task)
        try:
            made = SearchSpace(
                name=name,
                reference=self._reference(),
                task=task.name,
                task_version=task.version,
                defaults=defaults(task),
                baseline=baseline,
                factors=factors,
                design=design or Design("sweep", trials=1),
                objectives=(objective or Objective("val_loss", "minimize"), *([second] if second else [])),
                fidelity=fidelity,
                seeds=seeds,
                comparison=comparison(**flags),
                training=_training(task, baseline, factors),
                **simple,
            )
        except SearchSpaceError as error:
            self.problems += [f"{self.path}: {text}" for text in error.problems if not self._follows(text)]
        if not self.problems:
            self._combinations(made, task)
        if self.problems:
            raise SearchSpaceError(self.problems)
        return made

    def _follows(self, problem: str) -> bool:
        """Whether a problem comes of one that there is already: of a baseline or a factor that was replaced."""
        key, _, _ = problem.partition(":")
        if key in ("factors", "nuisance") or ".when." in key:
            return any(known.partition(".")[0] == "factors" for known in self.keys)
        name = key.removeprefix("factors.")
        return not self.keys.isdisjoint({"baseline", "fidelity", f"baseline.{name}", f"fidelity.{name}"})

    def _combinations(self, space: SearchSpace, task: Task) -> None:
        """Complain of the points whose settings cannot go together, unless there are too many points to look at."""
        if (cells := designs.count(space)) > designs.MOST_CELLS:
            fewer = "trials" if space.design.kind == "sweep" else "levels"
            most = f"the most is {designs.MOST_CELLS:,}: take fewer {fewer} or seeds"
            self.complain("design", f"asks for {cells:,} cells; {most}")
            return
        refused: dict[str, list[designs.Point]] = {}
        for point in designs.points(space):
            try:
                for problem in _refusals(task, space.config(point, seed=0)):
                    refused.setdefault(problem, []).append(point)
            except TaskError as error:
                self.complain("task", str(error))
                return
        for problem, points in list(refused.items())[: grammar.MOST_SHOWN]:
            label = space.config(points[0], seed=0).delta(space.config({}, seed=0))
            others = f" and {len(points) - 1:,} of the other points" if len(points) > 1 else ""
            self.complain("factors" if points[0] else "baseline", f"{label}{others}: {problem}")
        if rest := sum(map(len, list(refused.values())[grammar.MOST_SHOWN :])):
            self.complain("factors", f"and {rest:,} more points that cannot be")

    def _name(self, table: dict[str, Any]) -> str:
        stem = self.path.stem
        if "name" not in table and not grammar.NAME.holds(stem):
            words = f"is missing, and the file's own cannot take its place: it must be {grammar.NAME.words}"
            self.refuse("name", words, stem)
        return str(self.take(table, "name", grammar.NAME, stem))

    def _made(self, key: str, make: Callable[[], Any]) -> Any:
        try:
            return make()
        except (SearchSpaceError, TaskError) as error:
            self.complain(key, str(error))
            return None

    def _task(self, reference: str | None) -> Task | None:
        if reference is None:
            return None
        found: Task | None = self._made("task", lambda: load_task(reference, folder=self.path.parent))
        return found

    def _reference(self) -> str:
        """The task's name; a worker may run in another folder, so a file is named by its whole path."""
        place, _, name = str(self.document["task"]).rpartition(":")
        return f"{(self.path.parent / place).resolve()}:{name}" if place.endswith(".py") else self.document["task"]

    def _objectives(self, tables: Any) -> tuple[Objective | None, Objective | None]:
        if isinstance(tables, list):
            first, second = map(self._objective, tables)
            return first, second
        return (None if tables is None else self._objective(tables)), None

    def _objective(self, table: dict[str, Any]) -> Objective | None:
        table = dict(table)
        metric = self.take(table, "metric", grammar.METRIC, within="objective.")
        direction = self.take(table, "direction", grammar.DIRECTION, within="objective.")
        self.leftovers(table, ("metric", "direction"), within="objective.")
        return Objective(metric, direction) if metric and direction else None

    def _design(self, table: dict[str, Any] | None, *, pruner: Pruner) -> Design | None:
        if table is None:
            return None
        table = dict(table)
        kind = self.take(table, "kind", grammar.KIND, within="design.")
        seed = self.take(table, "seed", grammar.whole(0, 2**31 - 1), 0, within="design.")
        if kind == "sweep":
            return self._sweep(table, seed, pruner=pruner)
        for key in grammar.SWEEP:
            if table.pop(key, None) is not None and kind:
                self.complain(f"design.{key}", f"is for sweeps only; the kind here is {kind!r}")
        self.leftovers(table, ("kind", "seed"), within="design.")
        return Design(kind, seed) if kind else None

    def _sweep(self, table: dict[str, Any], seed: int, *, pruner: Pruner) -> Design:
        trials = self.take(table, "trials", grammar.whole(1, designs.MOST_CELLS), within="design.")
        sampler = self.take(table, "sampler", grammar.SAMPLER, Design.sampler, within="design.")
        package = grammar.PACKAGES.get(sampler)
        if package and importlib.util.find_spec(package) is None:
            self.complain("design.sampler", f"{sampler!r} needs the package {package}, which is not installed")
        pruner = self.take(table, "pruner", grammar.PRUNER, pruner, within="design.")
        confirm = dict(self.take(table, "confirm", grammar.CONFIRM, {}, within="design."))
        top = self.take(confirm, "top", grammar.whole(1, 1000), 3, within="design.confirm.")
        seeds = self.take(confirm, "seeds", grammar.whole(1, 1000), 5, within="design.confirm.")
        self.leftovers(confirm, ("top", "seeds"), within="design.confirm.")
        self.leftovers(table, ("kind", "seed", *grammar.SWEEP), within="design.")
        if pruner == "wilcoxon" and seeds < FEWEST_PAIRS + 1:
            needed = f"'wilcoxon' needs design.confirm.seeds of at least {FEWEST_PAIRS + 1}, not {seeds}"
            self.complain("design.pruner", f"{needed}: its test concludes nothing from fewer than {FEWEST_PAIRS}")
        return Design("sweep", seed, trials or 1, sampler, pruner, Confirm(top, seeds))

    def _seeds(self, table: dict[str, Any], design: Design | None) -> tuple[int, ...]:
        if design is not None and design.kind == "sweep":
            if table.pop("seeds", None) is not None:
                self.complain("seeds", "a sweep runs each suggested point once; give design.confirm.seeds instead")
            return (0,)
        seeds = self.take(table, "seeds", grammar.SEEDS, 5)
        return tuple(range(seeds)) if isinstance(seeds, int) else tuple(seeds)

    def _fidelity(self, table: dict[str, Any], baseline: dict[str, Any], task: Task) -> Fidelity:
        """The budget; `train_examples` may stand in the baseline instead, as a factor's baseline level does."""
        whole, within = task.fidelity, dict.fromkeys(vars(task.fidelity), "fidelity.")
        if "train_examples" in baseline:
            examples = baseline.pop("train_examples")
            if "train_examples" in table:
                self.complain("baseline.train_examples", "stands in [fidelity] too; give it once")
            else:
                table["train_examples"], within["train_examples"] = examples, "baseline."
        most = {**vars(whole), "epochs": 1_000_000}
        values = {
            key: self.take(table, key, grammar.whole(1, most[key]), getattr(whole, key), within=within[key])
            for key in most
        }
        self.leftovers(table, list(most), within="fidelity.")
        return Fidelity(**values)

    def _baseline(self, table: dict[str, Any], task: Task) -> dict[str, Level]:
        baseline = defaults(task)
        for name, value in table.items():
            setting = task.settings.get(name)
            if setting is None:
                self._unknown(f"baseline.{name}", "setting", task)
            elif problem := setting.problem(value):
                self.refuse(f"baseline.{name}", problem, value, among=setting.allowed)
            else:
                baseline[name] = setting.level(value)
        return baseline

    def _unknown(self, key: str, what: str, task: Task) -> None:
        name = key.partition(".")[2]
        known = (*task.settings, "train_examples")
        hint = f"; {grammar.ELSEWHERE[name]}" if name in grammar.ELSEWHERE else grammar.hint(name, known)
        self.complain(key, f"no such {what} in task {task.name!r}{hint}")

    def _factors(self, table: dict[str, Any], task: Task) -> tuple[Factor, ...]:
        examples = Setting(task.fidelity.train_examples, low=1, high=task.fidelity.train_examples)
        known = {**task.settings, "train_examples": examples}
        factors = []
        for name, levels in table.items():
            if name not in known:
                self._unknown(f"factors.{name}", "factor", task)
            elif isinstance(levels, list):
                factors.append(self._levels(name, levels, known[name]))
            elif isinstance(levels, dict):
                factors.append(self._table(name, dict(levels), known))
            else:
                self.refuse(f"factors.{name}", "must be a list of levels or a range", levels)
        return tuple(factor for factor in factors if factor is not None)

    def _table(self, name: str, table: dict[str, Any], known: Mapping[str, Setting]) -> Factor | None:
        """A factor that is more than a list: a range, or levels with a condition."""
        when = self._when(name, table, known)
        if "levels" in table:
            levels = self.take(table, "levels", grammar.LEVELS, within=f"factors.{name}.")
            self.leftovers(table, ("levels", "when"), within=f"factors.{name}.")
            made = self._levels(name, levels, known[name]) if levels is not None else None
        elif known[name].allowed:
            allowed = ", ".join(map(describe, known[name].allowed))
            self.complain(f"factors.{name}", f"must be a list of levels, not a range; it may be {allowed}")
            made = None
        else:
            made = self._range(name, table, known[name])
        return made and replace(made, when=when)

    def _when(self, name: str, table: dict[str, Any], known: Mapping[str, Setting]) -> dict[str, tuple[Level, ...]]:
        """The levels of other factors at which a factor exists."""
        when: dict[str, tuple[Level, ...]] = {}
        for other, value in self.take(table, "when", grammar.WHEN, {}, within=f"factors.{name}.").items():
            key, levels = f"factors.{name}.when.{other}", value if isinstance(value, list) else [value]
            if other not in known:
                self.complain(key, f"no such factor{grammar.hint(other, known)}")
            elif wrong := next(filter(known[other].problem, levels), None):
                self.refuse(key, str(known[other].problem(wrong)), wrong, among=known[other].allowed)
            elif not levels:
                self.complain(key, "must name a level, or several")
            else:
                when[other] = tuple(map(known[other].level, levels))
        return when

    def _levels(self, name: str, levels: list[Any], setting: Setting) -> Factor | None:
        wrong: dict[str, list[Any]] = {}
        for level in levels:
            if problem := setting.problem(level):
                wrong.setdefault(problem, []).append(level)
        for problem, values in wrong.items():
            near = grammar.close(values[0], setting.allowed)
            self.complain(f"factors.{name}", f"{problem}, not {grammar.some(list(map(grammar.short, values)))}{near}")
        if wrong:
            return None
        made: Factor | None = self._made(
            f"factors.{name}", lambda: Factor(name, tuple(map(setting.level, levels)), setting.allowed)
        )
        return made

    def _range(self, name: str, table: dict[str, Any], setting: Setting) -> Factor | None:
        within, before = f"factors.{name}.", len(self.problems)
        values: dict[str, Any] = {}
        for key in ("low", "high"):
            if key not in table:
                self.complain(within + key, "is missing; a range goes from low to high")
            elif problem := setting.problem(value := table.pop(key)):
                self.refuse(within + key, problem, value)
            else:
                values[key] = setting.level(value)
        values["log"] = self.take(table, "log", grammar.FLAG, False, within=within)
        values["step"] = self.take(table, "step", grammar.POSITIVE, None, within=within)
        self.leftovers(table, ("low", "high", "log", "step", "when"), within=within)
        if len(self.problems) > before:
            return None
        made: Factor | None = self._made(f"factors.{name}", lambda: Factor(name, Range(**values)))
        return made


def _refusals(task: Task, config: TrialConfig) -> Sequence[str]:
    """Why the task refuses these settings. Raises TaskError where it fails to say: it is its user's code."""
    try:
        found = task.problems(config.settings)
    except (Exception, SystemExit) as error:
        raise TaskError(f"problems() of {task.name!r} raised {type(error).__name__}: {error}") from error
    if isinstance(found, list | tuple) and all(isinstance(text, str) for text in found):
        return found
    raise TaskError(f"problems() of {task.name!r} must return a list of texts, not {grammar.short(found)}")


def _training(task: Task, baseline: Mapping[str, Level], factors: Sequence[Factor]) -> tuple[str, ...]:
    """The task's settings of its training, but for those that do nothing at any point of the study."""
    varied = {factor.name for factor in factors}

    def acts(setting: Setting) -> bool:
        return all(
            name in varied or any(same(baseline[name], level) for level in levels)
            for name, levels in setting.only.items()
        )

    return tuple(name for name, setting in task.settings.items() if setting.part == "training" and acts(setting))


def _in_order(vary: Iterable[str]) -> tuple[str, ...]:
    return tuple(source for source in SOURCES if source in vary)
