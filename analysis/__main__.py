"""Draw every figure that suits a study, in one process; print where each is."""

from collections.abc import Sequence

from analysis.drawing.figure_script import exit_status, make_parser
from analysis.drawing.source import Source
from analysis.figures import draw_all


def main(argv: Sequence[str] | None = None) -> int:
    """Runs all scripts. Returns the exit status."""
    given = vars(make_parser("analysis", __doc__ or "").parse_args(argv))
    source = Source(given.pop("name"), given.pop("store"), given.pop("metric"))
    return exit_status("analysis", lambda: draw_all(source, **given))


if __name__ == "__main__":
    raise SystemExit(main())
