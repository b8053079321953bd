"""The section about how to redo a study: its commands, and its file, written from what the store keeps."""

import shlex
from pathlib import Path

from study.report.parts import Section
from study.space.declared_keys import declared_keys
from study.space.search_space import SearchSpace
from study.space.toml_text import toml_text


def redo_section(source: str, space: SearchSpace | None) -> Section:
    """Returns the commands that run the study again, or that compute everything again from an exported table.

    `source` is what the user named. `space` is the study's definition, which an exported table does not hold.
    """
    if space is None:
        name = shlex.quote(Path(source).name)
        return Section(
            title=_TITLE,
            sentences=["This report was made from an exported table. From it, these commands compute all of it again:"],
            commands=[f"study effects {name}", f"study report {name}"],
        )
    return Section(
        title=_TITLE, sentences=_HOW, commands=_commands(space.name), definition=toml_text(declared_keys(space))
    )


_TITLE = "How to redo it"
_HOW = (
    "With the study's file, the first command runs every cell whose result the store lacks, on the same seeds. The "
    "others compute everything again from the results.",
)


def _commands(study: str) -> list[str]:
    """Returns the commands with what each does, in two columns."""
    name, file, records = map(shlex.quote, (study, f"{study}.toml", f"{study}.jsonl"))
    rows = {
        f"study run {file}": "run the cells that are missing",
        f"study effects {name}": "the verdicts",
        f"study report {name}": "this page",
        f"study replay {name} KEY": "run one cell again, and compare every number with its record",
        f"study export {name} --out {records}": "all results, for `study import` into another store",
    }
    width = max(map(len, rows))
    return [f"{command:<{width}}  # {what}" for command, what in rows.items()]
