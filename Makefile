# make app    creates the environment, prepares the synthetic sample scene, serves the app
# make test   sets up what tests need and runs them, browser tests included
# make test-faults  kills trainings and imports 60 times and checks that nothing is lost (half an hour)

PYTHON ?= python3
VENV   ?= .venv
WORKERS ?= 2
BIN     = $(VENV)/bin
# Most modules are never imported: Python compiles those that are when they are, and keeps them
# whatever the environment says; tests start hundreds of processes.
unexport PYTHONDONTWRITEBYTECODE
PIP     = $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile

.PHONY: app test test-faults test-backends lint setup setup-test gpu clean

app: setup
	$(BIN)/python -m core serve

test: setup-test lint
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder --durations 12

test-faults: setup-test
	$(BIN)/python -m tests.faults --kills 50 --imports 10

# The same tests on TensorFlow, JAX and PyTorch; about ten minutes on two cores.
test-backends: setup-test
	$(PIP) -r requirements-backends.txt
	SLIDESCOPE_BACKENDS=tensorflow,jax,torch $(BIN)/python -m pytest tests/test_backends.py --durations 12

lint: setup-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/oxlint core/maps/assets

setup: $(VENV)/.product
setup-test: $(VENV)/.test

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13) and "Python 3.11-3.13 is needed, this is %d.%d: make app PYTHON=python3.12" % sys.version_info[:2])'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.product: requirements.txt | $(VENV)/bin/python
	$(PIP) -r requirements.txt
	touch $@

$(VENV)/.test: requirements-test.txt requirements.txt | $(VENV)/bin/python
	$(PIP) -r requirements-test.txt
	touch $@

gpu: | $(VENV)/bin/python
	$(PIP) -r requirements-gpu.txt
	touch $(VENV)/.product

clean:
	rm -rf $(VENV)
