"""`study export`: a study as one table, or as records for another machine."""

import argparse

from study import results
from study.cli.exit_status import DONE
from study.cli.named_study import named_ledger
from study.errors import StudyError
from study.files import write_whole
from study.inference.exported_file import uniform
from study.records import record_file
from study.records.record_file import Header, Record

_TABLE_ENDINGS = (".csv", ".parquet")


def execute(arguments: argparse.Namespace) -> int:
    """Write a study as one table, or as a file that `study import` reads."""
    if arguments.out.suffix == record_file.ENDING and not arguments.epochs:
        return _export_records(arguments)
    if arguments.out.suffix not in _TABLE_ENDINGS:
        endings = ".csv or .parquet" + ("" if arguments.epochs else ", or in .jsonl for another machine")
        raise StudyError(f"--out must end in {endings}, not {arguments.out.name!r}")
    return _export_table(arguments)


def _export_table(arguments: argparse.Namespace) -> int:
    read = results.read_epochs if arguments.epochs else results.read_table
    table = read(arguments.name, store=arguments.store)
    try:
        if arguments.out.suffix == ".csv":
            write_whole(arguments.out, table.to_csv(index=False))
        else:
            write_whole(arguments.out, uniform(table).to_parquet(index=False))
    except OSError as error:
        raise StudyError(f"{arguments.out}: cannot be written: {error.strerror or error}") from None
    print(f"{arguments.out}: {len(table)} rows")
    return DONE


def _export_records(arguments: argparse.Namespace) -> int:
    ledger = named_ledger(arguments)
    records = (Record.of(*finished) for finished in ledger.finished())
    header = Header(ledger.space, ledger.threads, tuple(ledger.revisions), ledger.codes)
    number = record_file.write(arguments.out, header, records)
    print(f"{arguments.out}: {number} trials")
    return DONE
