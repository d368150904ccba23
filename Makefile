# Every task of the project. `make demo` and `make test` need nothing but Python 3.11 and this file.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test check tests install servers pins format bench soak binary binary-test docs clean

demo: $(VENV)/.core  ## An incident out of a shop's database by way of the daemon, masked and proven; a shop from nothing
	$(BIN)/python examples/demo.py

test: install servers check tests  ## Everything that must hold: style, types, the whole suite against real servers

install: $(VENV)/.dev

$(VENV)/.core: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[expressions,server]'
	touch $@

$(VENV)/.dev: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@ $(VENV)/.core

servers:  ## Database servers that the suite starts for itself; by the system's package manager, where there is one
	$(BIN)/python tests/install_servers.py

check:
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

tests:
	$(BIN)/pytest -n 3 --dist loadgroup -m "not soak"

soak: install servers
	$(BIN)/pytest -m soak

binary: $(VENV)/.core  ## One folder with three commands and all they need, in dist/: for machines without Python
	$(BIN)/python tools/binary/build.py

binary-test: install binary  ## What was built, tried where no Python is
	$(BIN)/pytest -m soak -s tests/test_binary.py

pins: install  ## Pin what the image installs anew, by version and digest
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	(echo "# Everything the image installs beside the project itself, each by version and digest. Written by: make pins"; \
	$(BIN)/uv pip compile pyproject.toml --extra all --extra sentry --python-version 3.12 \
	  --python-platform x86_64-manylinux_2_28 --generate-hashes --no-emit-index-url --no-header --quiet) \
	  > tools/image/requirements.txt

format:
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: install servers
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[bench]'
	$(BIN)/python -m bench

docs: install  ## Write anew what is generated from the program
	$(BIN)/python docs/generate.py

clean:
	rm -rf build dist demo .bench .pytest_cache .mypy_cache .ruff_cache .hypothesis
