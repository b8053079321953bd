"""Measures the cost of data, from digits to the device: `python -m tests.benchmarks.data [PART ...]`.

It prints tables in Markdown.
"""

import argparse
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.tables import Table, measure

if TYPE_CHECKING:
    from tests.benchmarks.epochs import Speed

# Every worker imports this file too, so functions import the heavy modules.


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--extras", type=Path, help="codes: a folder with segno")
    parser.add_argument("--codes", type=int, default=40_000, help="codes: how many")
    parser.add_argument("--processes", type=int, default=64, help="crowd: how many")
    parser.add_argument("--rounds", type=int, default=5, help="training, deep, validation: of how many the median is")
    return parser


def codes(arguments: argparse.Namespace) -> Table:
    """Compare the making of codes with two libraries."""
    from tests.benchmarks.codes import make

    if arguments.extras:
        sys.path.append(str(arguments.extras))
    made = make(arguments.codes)
    rows = [
        (how, f"{seconds:.2f}", f"{made.qrcode / seconds:.1f}")
        for how, seconds in (("all at once", made.ours), ("qrcode, one by one", made.qrcode), ("segno", made.segno))
    ]
    return Table(f"{made.count:,} of the article's codes, cold, on one core", ("", "s", "times qrcode's speed"), rows)


def cache(arguments: argparse.Namespace) -> Table:
    """Measure how fast a data set in the cache is attached."""
    from tests.benchmarks.caches import attachment

    measured = attachment()
    rows = [
        ("attach it, every byte checked, ms", f"{1e3 * measured.first:.2f}", "5"),
        ("again in the same process, ms", f"{1e3 * measured.again:.3f}", "1"),
        ("bytes an image on disk", f"{measured.packed:.0f}", "56"),
    ]
    return Table("The article's data set of 50,000 codes, in the cache", ("", "measured", "allowed"), rows)


def crowd(arguments: argparse.Namespace) -> Table:
    """Let many processes attach a data set at once that is not in the cache."""
    from tests.benchmarks.caches import crowd

    measured = crowd(arguments.processes)
    rows = [
        ("builds", f"{measured.builds}"),
        ("processes that reported that they waited", f"{measured.waited}"),
        ("different sets of bytes", f"{measured.fingerprints}"),
        ("until all have it, s", f"{measured.seconds:.1f}"),
    ]
    return Table(f"{measured.processes} processes at once, cold", ("", "measured"), rows)


def training(arguments: argparse.Namespace) -> Table:
    """Compare the speed of training with the article's own way."""
    from tests.benchmarks.epochs import training

    return _speeds("Training, one thread, against the article's way", training(1, rounds=arguments.rounds))


def deep(arguments: argparse.Namespace) -> Table:
    """Compare the speed of training with the article's own way, with seven convolutions."""
    from tests.benchmarks.epochs import training

    speeds = training(1, depth=7, widths=(8, 16, 32), rounds=arguments.rounds)
    return _speeds("Training, one thread, against the article's way", speeds)


def validation(arguments: argparse.Namespace) -> Table:
    """Compare the speed of validation with Keras's `evaluate`."""
    from tests.benchmarks.epochs import validation

    return _speeds("Validation, one thread, against evaluate", validation(1, rounds=arguments.rounds))


def _speeds(title: str, speeds: Iterable["Speed"]) -> Table:
    rows = [
        (f"{s.depth}", f"{s.width}", f"{s.batch}", f"{s.keras:.3f}", f"{s.ours:.3f}", f"{s.ratio:.2f}") for s in speeds
    ]
    columns = ("convolutions", "width", "batch", "Keras's loop, ms an image", "a compiled pass, ms", "times as fast")
    return Table(title, columns, rows)


def share(arguments: argparse.Namespace) -> Table:
    """Measure how a quick trial spends its time."""
    from tests.benchmarks.epochs import bytes_an_image, shares

    trials = list(shares())
    laps = [f"{lap}, s" for lap in trials[0].laps]
    rows = [(s.point, *(f"{seconds:.2f}" for seconds in s.laps.values()), f"{s.outside:.1f} %") for s in trials]
    title = f"A trial of qr_quick, {bytes_an_image():.0f} bytes an image on the device"
    return Table(title, ("point", *laps, "outside training, validation, compiling; imports left out"), rows)


_PARTS: dict[str, Callable[[argparse.Namespace], Table]] = {
    "codes": codes,
    "cache": cache,
    "crowd": crowd,
    "training": training,
    "deep": deep,
    "validation": validation,
    "share": share,
}

if __name__ == "__main__":
    measure(_parser(), _PARTS, "qrcode", "numpy", "keras", "tensorflow")
