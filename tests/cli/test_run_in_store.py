"""What a run in the store prints at its end."""

from pathlib import Path


def test_run_ends_with_a_table_and_what_to_type_next(smoke: tuple[Path, str]) -> None:
    out = smoke[1]
    assert "running 8 on" in out
    assert "[8/8]" in out
    assert out.count("pooling=global_average") >= 3
    assert "python -m analysis smoke" in out
