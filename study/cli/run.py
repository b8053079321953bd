"""`study run`: run a study in the store, or into a file of records."""

import argparse

from study.space.toml_file import read


def execute(arguments: argparse.Namespace) -> int:
    """Run the missing cells of a study."""
    space = read(arguments.file)
    # Imported here, because --records must work on a machine that has neither Optuna nor MLflow nor pandas.
    if arguments.records is None:
        from study.cli.run_in_store import run_in_store

        return run_in_store(space, arguments)
    from study.cli.run_into_records import run_into_records

    return run_into_records(space, arguments)
