"""The model card says how a model came about, and what it is worth."""

from pathlib import Path

from study.winner.choice import choose
from study.winner.model_card import model_card, scores
from tests.winner.finished_study import finished


def test_the_card_says_how_the_model_came_about_and_what_it_is_worth(tmp_path: Path) -> None:
    ledger = finished(tmp_path)
    card = model_card(ledger, choose(ledger), loading="It loads.")
    assert card.startswith("# played: depth=5\n\n")
    assert "the best of 3 points, trained on seed 0, the median one; 10 parameters." in card
    assert "| depth | 5 |" in card
    assert "maximize val_acc. The point reached 0.9500 on average: 0.9500 (seed 0)." in card
    assert "The test split was never opened." in card
    compile_first = "Compile it first if you want to train it further or to evaluate it."
    assert card.endswith(f"## Loading it\n\nIt loads.\n\nThe loaded model answers at once. {compile_first}")


def test_scores_stand_by_split_and_are_empty_if_there_are_none() -> None:
    assert scores({"acc": 0.5, "val_acc": 0.25}, {"acc": 0.125}).splitlines()[2:] == [
        "| acc | 0.5000 | 0.2500 | 0.1250 |"
    ]
    assert scores({"acc": 0.5}, {}).splitlines()[2:] == ["| acc | 0.5000 |  |  |"]
