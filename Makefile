# make app    creates the environment, prepares the synthetic sample scene, serves the app;
#             make app OPTIONS="--port 9000" serves with options of `serve`
# make test   sets up what tests need and runs them, browser tests included
# make docs   builds the documentation into build/docs and checks its links
# make catalogues  brings what pages and reports say into core/language/*.po
# make test-newest  make test with the newest versions that the floors allow, in .venv-newest
# make lock   writes the lock files anew, from what is installed: make lock FROM=.venv-newest
# make test-faults  kills trainings, imports and servers, fills disks, and checks that nothing is lost

PYTHON ?= python3
VENV   ?= .venv
# Of tests: one more than CI has cores, as a quarter of the time goes by in waiting for browsers.
WORKERS ?= 3
# What is installed: one version of everything, that the tests passed with.
PRODUCT = requirements.lock
TESTS   = requirements-test.lock
BIN     = $(VENV)/bin
# Most modules are never imported: Python compiles those that are when they are, and keeps them
# whatever the environment says; tests start hundreds of processes.
unexport PYTHONDONTWRITEBYTECODE
PIP     = $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile

.PHONY: app test checks pytest test-newest test-faults test-cluster test-backends lint docs catalogues lock setup setup-test gpu clean

app: setup
	@$(BIN)/python -m core serve $(OPTIONS)

# What looks at the files alone goes on beside the tests, which often wait for a browser.
test: setup-test
	$(MAKE) --no-print-directory -j 2 checks pytest

checks: lint docs

# Tests that call make are not to take part in the jobs of this one.
pytest: setup-test
	MAKEFLAGS= $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder --durations 12

test-newest:
	rm -f .venv-newest/.test
	$(MAKE) test VENV=.venv-newest PRODUCT=requirements.txt TESTS=requirements-test.txt \
		UPGRADE=--upgrade

test-faults: setup-test
	$(BIN)/python -m tests.faults --kills 50 --imports 10
	$(BIN)/python -m tests.faults.full_disk
	$(BIN)/python -m tests.faults.read_only
	$(BIN)/python -m tests.faults.servers
	SLIDESCOPE_SWEEP=1 $(BIN)/python -m pytest -q -m sweep

# Three namespaces as hosts, and a real Slurm of two nodes; each is skipped where it cannot be.
test-cluster: setup-test
	$(BIN)/python -m tests.cluster

# The same tests on TensorFlow, JAX and PyTorch; about ten minutes on two cores.
test-backends: setup-test
	$(PIP) -r requirements-backends.txt
	SLIDESCOPE_SWEEP=1 SLIDESCOPE_BACKENDS=tensorflow,jax,torch $(BIN)/python -m pytest tests/test_backends.py --durations 12

lint: setup-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/oxlint core/maps/assets

docs: setup-test
	$(BIN)/mkdocs build --quiet --strict

# What is said on pages and in reports goes into the catalogues; what is new waits there for its
# translation, and a test fails until it has one.
catalogues: setup-test
	mkdir -p build
	$(BIN)/python -m babel.messages.frontend -q extract -F babel.cfg -k t --add-location=file --sort-by-file \
		--project=SlideScope --no-wrap -o build/words.pot .
	for each in core/language/*.po; do $(BIN)/python -m babel.messages.frontend -q update -i build/words.pot -o $$each \
		-l $$(basename $$each .po) --no-fuzzy-matching --ignore-obsolete --no-wrap \
		--ignore-pot-creation-date || exit 1; done

# What is installed in FROM, where the tests passed, becomes the lock: one file for all systems and
# Pythons that pyproject.toml allows, without addresses. uv (0.4 or later) can write such a one.
FROM ?= $(VENV)
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-annotate \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --upgrade
lock: setup-test
	$(PIP) "uv>=0.4"
	mkdir -p build
	$(FROM)/bin/python -m pip list --format freeze --exclude pip --exclude setuptools > build/tested.txt
	$(COMPILE) requirements.txt --constraints build/tested.txt -o requirements.lock
	$(COMPILE) requirements-test.txt --constraints build/tested.txt --constraints requirements.lock -o requirements-test.lock

setup: $(VENV)/.product
setup-test: $(VENV)/.test

# environment.py says each stage, and what is the matter where one fails; it needs Python alone.
INSTALL = command -v $(PYTHON) >/dev/null || { echo "Python is missing: '$(PYTHON)' is no command \
	here; install Python 3.11 to 3.13 (Debian, Ubuntu: apt install python3-venv) or name it, as in \
	make app PYTHON=python3.12." >&2; exit 2; }; $(PYTHON) environment.py $(VENV)

$(VENV)/.product: $(PRODUCT)
	@$(INSTALL) $(PRODUCT) $(UPGRADE)
	@touch $@

$(VENV)/.test: $(TESTS) $(PRODUCT)
	@$(INSTALL) $(TESTS) $(UPGRADE)
	@touch $@

gpu:
	@$(INSTALL) requirements-gpu.txt
	@touch $(VENV)/.product

clean:
	rm -rf $(VENV) .venv-newest build
