"""Measures what the project itself costs: `python -m tests.benchmarks.overhead [PART ...]`.

It prints tables in Markdown.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.tables import Table, measure

# Every worker imports this file too, so functions import the heavy modules.


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--trials", type=int, default=1_600, help="launch: trials of a second, a multiple of 10")
    parser.add_argument("--workers", type=int, default=16, help="launch: workers")
    parser.add_argument("--few-trials", type=int, default=160, help="others: trials of a second, a multiple of 10")
    parser.add_argument("--few-workers", type=int, default=8, help="others: workers")
    parser.add_argument(
        "--extras", type=Path, help="others: a folder with the packages that Ray Tune needs besides Ray"
    )
    parser.add_argument("--cells", type=int, default=10_000, help="store: its cells, a multiple of 1,000")
    parser.add_argument("--keras-trials", type=int, default=200, help="memory: trials of a small Keras model")
    parser.add_argument("--rounds", type=int, default=2, help="threads: how often each way is measured")
    return parser


def launch(arguments: argparse.Namespace) -> Table:
    """Launch trials of a second on warm workers, with all logging on."""
    from tests.benchmarks.launchers import launch
    from tests.benchmarks.naps import EPOCHS

    done = launch(arguments.trials, arguments.workers)
    return Table(
        f"{done.trials:,} trials of 1 s and {EPOCHS} epochs, {done.workers} workers, MLflow on",
        ("", "measured", "allowed"),
        [
            ("best possible, s", f"{done.best:.1f}", ""),
            ("first start to last result, s", f"{done.seconds:.1f}", ""),
            ("over the best", f"{done.over(done.seconds):.1f} %", "3 %"),
            ("until all is logged in MLflow, over the best", f"{done.over(done.logged):.1f} %", "6 %"),
            ("processor time of the launcher's loop, ms a trial", f"{1e3 * done.loop / done.trials:.1f}", ""),
            ("and with its MLflow thread, ms a trial", f"{1e3 * done.launcher / done.trials:.1f}", ""),
        ],
    )


def others(arguments: argparse.Namespace) -> Table:
    """Launch the same trials with other tools, with fewer trials and workers, because those tools cannot take more."""
    from tests.benchmarks.launchers import Launch, launch
    from tests.benchmarks.naps import EPOCHS
    from tests.benchmarks.others import optuna_processes, ray_tune

    size = arguments.few_trials, arguments.few_workers
    ours = launch(*size)
    lost = ours.seconds - ours.best

    def row(name: str, logs: str, done: Launch | None) -> Sequence[str]:
        if done is None:
            return name, logs, "not run: it cannot be imported", "", ""
        times = f"{(done.seconds - done.best) / lost:.1f}"
        return name, logs, f"{done.seconds:.1f}", f"{done.over(done.seconds):.1f} %", times

    def rows() -> Iterator[Sequence[str]]:
        yield row("this project", "MLflow", ours)
        yield row("Optuna, a process a worker, Journal file", "nothing", optuna_processes(*size, storage="journal"))
        yield row("Optuna, a process a worker, SQLite", "nothing", optuna_processes(*size, storage="sqlite"))
        yield row("Ray Tune, actors used again", "files of its own", ray_tune(*size, extras=arguments.extras))

    return Table(
        f"{ours.trials:,} trials of 1 s and {EPOCHS} epochs, {ours.workers} workers, best possible {ours.best:.0f} s",
        ("launcher", "logs to", "first start to last result, s", "over the best", "time lost, as a multiple of ours"),
        list(rows()),
    )


def store(arguments: argparse.Namespace) -> Table:
    """Measure how fast a large store answers."""
    from tests.benchmarks.stores import LEFT, answers

    rows = [(what, f"{seconds:.2f}") for what, seconds in answers(arguments.cells)]
    return Table(f"A store of {arguments.cells:,} cells, {LEFT} of them missing", ("", "measured"), rows)


def memory(arguments: argparse.Namespace) -> Table:
    """Measure how a worker's memory grows from trial to trial."""
    from tests.benchmarks.workers import weights

    weighed = weights(arguments.keras_trials)
    processes = list(dict.fromkeys(weight.process for weight in weighed))
    rows = [
        (str(weight.trial), f"{weight.megabytes:,.0f}", str(1 + processes.index(weight.process)))
        for weight in weighed
        if weight.trial in (1, 50, 100, len(weighed))
    ]
    return Table("Memory of a worker, one small Keras model after another", ("trial", "resident, MB", "worker"), rows)


def threads(arguments: argparse.Namespace) -> Table:
    """Compare two workers of one thread with one worker of two threads."""
    from tests.benchmarks.workers import small, speeds

    by_way: dict[tuple[int, int], list[float]] = {}
    for workers, threads, speed in speeds(arguments.rounds):
        by_way.setdefault((workers, threads), []).append(speed)
    *_, (_, last) = by_way.items()
    rows = [
        (f"{way[0]} of {way[1]}", ", ".join(f"{speed:.0f}" for speed in speeds), f"{sum(speeds) / sum(last):.2f}")
        for way, speeds in by_way.items()
    ]
    fidelity = small().fidelity
    return Table(
        f"The points of qr_quick, {fidelity.epochs} epochs on {fidelity.train_examples:,} images",
        ("workers of threads", "trials an hour, in turn", "ratio"),
        rows,
    )


def plan(arguments: argparse.Namespace) -> Table:
    """Compare the time that `study plan` estimates with the time that `study run` takes."""
    from tests.benchmarks.workers import planned_and_taken

    planned, taken = planned_and_taken()
    rows = [
        ("`study plan` says, s", f"{planned:.0f}", ""),
        ("`study run` took, s", f"{taken:.0f}", ""),
        ("error of the plan", f"{100 * (planned / taken - 1):+.0f} %", "15 % in either direction"),
    ]
    return Table("The quick study, planned and run", ("", "measured", "allowed"), rows)


def report(arguments: argparse.Namespace) -> Table:
    """Measure the answer and the report of tables of ten thousand trials."""
    from tests.benchmarks.large_tables import report_times

    with TemporaryDirectory() as folder:
        rows = [(kind, f"{first:.1f}", f"{whole:.1f}") for kind, first, whole in report_times(Path(folder))]
    return Table("Ten thousand trials of 30 epochs, s", ("a table of", "its answer", "its report (20 s allowed)"), rows)


_PARTS: dict[str, Callable[[argparse.Namespace], Table]] = {
    "launch": launch,
    "others": others,
    "store": store,
    "memory": memory,
    "threads": threads,
    "plan": plan,
    "report": report,
}

if __name__ == "__main__":
    measure(_parser(), _PARTS, "optuna", "mlflow", "ray", "keras", "tensorflow")
