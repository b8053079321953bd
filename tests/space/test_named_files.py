"""Which files the code of a task names and reads."""

import ast
from pathlib import Path

import pytest

from study.space.named_files import listed_files, named_files

FILES = ("table.csv", "model.keras", "out.csv", "sub/words.txt", "log.csv", "cache.npy")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


def found(code: str, folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in named_files(ast.parse(code).body, folder)]


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ('x = np.loadtxt("table.csv")', ["table.csv"]),
        ('model = keras.models.load_model(Path(__file__).with_name("model.keras"))', ["model.keras"]),
        ('HERE = Path(__file__).parent\nwords = (HERE / "sub/words.txt").read_text()', ["sub/words.txt"]),
        ('FILES = {"a": "table.csv"}\nwith open(FILES["a"]) as file:\n    file.read()', ["table.csv"]),
        ('x = pd.read_csv("table.csv").copy()\nx.to_csv("out.csv")', ["table.csv"]),
        ('model = load_model("model.keras")\nmodel.save("out.csv")', ["model.keras"]),
        ('keras.callbacks.CSVLogger("log.csv")', []),
        ('keras.callbacks.ModelCheckpoint(filepath="model.keras")', []),
        ('open("out.csv", "w").write("x")', []),
        ('Path("out.csv").write_text("x")', []),
        ('with Path("out.csv").open(mode="a") as file:\n    pass', []),
        # Data that a task keeps for itself are a result of its code.
        ('p = HERE / "cache.npy"\nif p.exists():\n    x = np.load(p)\nelse:\n    np.save(p, make())', []),
        ('shutil.copy("table.csv", "out.csv")', ["table.csv"]),
        ('name = f"{part}.csv"\n"a text that is no name of a file"\n"sub"\n""', []),
    ],
)
def test_what_is_read_counts_and_what_is_written_does_not(code: str, names: list[str], folder: Path) -> None:
    assert found(code, folder) == names


def test_a_file_of_the_current_folder_counts_if_there_is_none_beside_the_code(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    current = tmp_path_factory.mktemp("current")
    for name in ("table.csv", "only_here.csv"):
        (current / name).write_text("other")
    monkeypatch.chdir(current)
    statements = ast.parse('names = ["table.csv", "only_here.csv"]').body
    assert named_files(statements, folder) == sorted([folder / "table.csv", current / "only_here.csv"])


@pytest.mark.parametrize(
    "code", ['files = ["table.csv", "sub", "gone"]', 'class Mine:\n    files = ("table.csv", "sub")']
)
def test_a_task_may_list_its_files_and_folders_itself(code: str, folder: Path) -> None:
    assert listed_files(ast.parse(code), folder) == [folder / "sub", folder / "table.csv"]


def test_a_list_that_code_makes_does_not_count(folder: Path) -> None:
    assert listed_files(ast.parse('files = glob("*.csv")\nother = ["table.csv"]'), folder) is None
