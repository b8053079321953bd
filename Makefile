# Everything runs in .venv, which is made from requirements.lock when it is missing or the lock is newer.
PYTHON ?= python3
BIN := .venv/bin
# With it set, nothing is compiled to byte code, and importing Keras takes three times as long.
unexport PYTHONDONTWRITEBYTECODE
# Lets uv trust the system's certificates: a company's proxy may have a certificate authority of its own.
export UV_SYSTEM_CERTS ?= 1

.PHONY: sweep test cases browser workloads faults bench calibration ui lock

sweep: .venv/.made
	@$(BIN)/study run search_spaces/qr_quick.toml
	@$(BIN)/study plot qr_quick
	@echo "next: make ui, or change a copy of search_spaces/qr_quick.toml and: $(BIN)/study run YOUR.toml"

test: .venv/.made
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy --num-workers 2
	$(BIN)/pytest --numprocesses 2 --dist loadfile

# The slow tests, for which `make test` has no time: whole commands, what other people's models asked of us.
cases: .venv/.made
	$(BIN)/pytest --numprocesses 2 --dist loadfile -m slow --ignore tests/workloads --ignore tests/browser

# MLflow's pages and the report in Chromium (`apt-get install chromium`). Without it these tests are skipped.
browser: .venv/.made .venv/browser
	$(BIN)/pytest -m 'slow or not slow' tests/browser

# Models of many kinds, each from `study check` to a model that opens elsewhere, killed and resumed on the way.
workloads: .venv/.made
	$(BIN)/pytest --numprocesses 2 --dist load -m 'slow or not slow' tests/workloads

# Kills, torn files, a full disk, servers that die, as in `make test`, and then a thousand shots; 15 minutes.
faults: .venv/.made
	$(BIN)/pytest -m 'slow or not slow' tests/faults
	@$(BIN)/python -m tests.faults.ballistics --kills 1000

# What the project itself costs, and what its search finds, over an hour: on a machine that does nothing else.
bench: .venv/.made .venv/others
	@$(BIN)/python -m tests.benchmarks.overhead --extras .venv/others
	@$(BIN)/python -m tests.benchmarks.data --extras .venv/others
	@$(BIN)/python -m tests.benchmarks.search --extras .venv/others

# How often the statistics err, 50,000 simulated studies a cell and 20,000 with looks: long.
calibration: .venv/.made
	@$(BIN)/python -m tests.calibration

# What others need that are measured beside us: Ray Tune two packages beside Ray; segno; KerasTuner.
.venv/others: .venv/.made
	@$(BIN)/uv pip install --quiet --no-deps --target $@ fsspec tensorboardX segno \
		keras-tuner kt-legacy

# What drives a browser, and axe-core, which looks at contrast. They are not in the lock, because nothing else needs them.
.venv/browser: .venv/.made
	@$(BIN)/uv pip install --quiet --no-deps --target $@ playwright greenlet pyee typing_extensions \
		axe-playwright-python || echo "Playwright cannot be installed: tests in a browser are skipped"

ui: .venv/.made
	@$(BIN)/study ui

.venv/.made: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check uv==0.13.9
	$(BIN)/uv pip sync --quiet --require-hashes --compile-bytecode requirements.lock
	$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# Exact versions with hashes for every supported Python and platform, and no address of any index.
lock: .venv/.made
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-header --python-version 3.11 \
		--group dev pyproject.toml --output-file requirements.lock
