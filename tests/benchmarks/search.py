"""Measures the cost of a search until it finds one of the best points: `python -m tests.benchmarks.search`.

It prints a table in Markdown.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import chain
from pathlib import Path
from statistics import median, quantiles

from study.space.design import Pruner, Sampler
from tests.benchmarks.replays import WITHIN, Results, Spent, optunas, ours
from tests.benchmarks.tables import Table, machine
from tests.conftest import ROOT

_HERE = Path(__file__).parent
OURS: Sequence[tuple[Sampler, Pruner]] = (
    ("tpe", "none"),
    ("tpe", "median"),
    ("tpe", "patient"),
    ("tpe", "successive_halving"),
    ("tpe", "hyperband"),
    ("random", "none"),
    ("random", "hyperband"),
    ("qmc", "none"),
    ("qmc", "hyperband"),
)


def main() -> None:
    """Replay every search and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--file", type=Path, default=ROOT / "search_spaces" / "qr_table.toml", help="the grid")
    parser.add_argument(
        "--table",
        type=Path,
        default=_HERE / "quick_table.csv",
        help="the output of `study export NAME --epochs` for the grid",
    )
    parser.add_argument("--seeds", type=int, default=100, help="searches of each kind")
    parser.add_argument("--slow", type=int, default=3, help="searches of KerasTuner's slowest")
    parser.add_argument("--extras", type=Path, help="a folder with KerasTuner")
    arguments = parser.parse_args()
    results = Results.of(arguments.file, arguments.table)
    print(f"{machine('optuna')}\n", flush=True)
    rows = []
    for row in chain(_here(results, arguments.seeds), _oracles(arguments)):
        print(*row, sep="; ", file=sys.stderr, flush=True)  # The table is printed at the end, minutes later.
        rows.append(row)
    title = f"Until within {WITHIN} of the best of {len(results.curves)} cells"
    columns = ("search", "searches", "epochs, median", "middle half", "trials, median", "found")
    print(Table(title, columns, rows).markdown())


def _here(results: Results, seeds: int) -> Iterator[Sequence[str]]:
    with ProcessPoolExecutor() as pool:
        for sampler, pruner in OURS:
            search = partial(_ours, results, sampler, pruner)
            yield _row(f"ours: {sampler}, pruner {pruner}", list(pool.map(search, range(seeds), chunksize=8)))
        yield _row("Optuna's defaults", list(pool.map(partial(_optunas, results), range(seeds), chunksize=8)))


def _ours(results: Results, sampler: Sampler, pruner: Pruner, seed: int) -> Spent:
    return ours(results, sampler, pruner, seed=seed)


def _optunas(results: Results, seed: int) -> Spent:
    return optunas(results, seed=seed)


def _oracles(arguments: argparse.Namespace) -> Iterator[Sequence[str]]:
    """Run KerasTuner's oracles in their own process. Yields a row of the table for each."""
    paths = [str(arguments.extras.absolute()) if arguments.extras else "", os.environ.get("PYTHONPATH", "")]
    files = [str(arguments.file.absolute()), str(arguments.table.absolute())]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.benchmarks.oracles",
            *files,
            *("--seeds", str(arguments.seeds), "--slow", str(arguments.slow)),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    by_oracle = json.loads(done.stdout.splitlines()[-1])
    if by_oracle is None:
        yield "KerasTuner's oracles", "0", "not run: it cannot be imported", "", "", ""
        return
    for name, searches in by_oracle.items():
        yield _row(f"KerasTuner: {name}", [Spent(*search) for search in searches])


def _row(name: str, searches: Sequence[Spent]) -> Sequence[str]:
    """Returns a row of the table. A search without success counts as more expensive than every successful one."""
    epochs = [spent.epochs if spent.found else 10**9 for spent in searches]
    low, _, high = quantiles(epochs, n=4, method="inclusive")
    trials = median(spent.trials if spent.found else 10**9 for spent in searches)
    found = sum(spent.found for spent in searches) / len(searches)
    return (
        name,
        str(len(searches)),
        _number(median(epochs)),
        f"{_number(low)} to {_number(high)}",
        _number(trials),
        f"{found:.0%}",
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if value < 10**8 else "never"


if __name__ == "__main__":
    main()
