# `make demo` and `make test` do all the set-up by themselves, in .venv.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
READY := .venv/.ready

.PHONY: demo test check system clean

demo: $(READY)
	$(BIN)/passerelle demo --port $(PORT) $(if $(DEMO_EXIT),--exit)

test: $(READY) system
	$(BIN)/pytest --cov --cov-report=term:skip-covered --cov-fail-under=90

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -q -m "not real and not browser"

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev,train]'
	@touch $@

# Chromium, for the browser tests: installed only as root; without it they are skipped.
system:
	@if [ -x /usr/bin/chromium ]; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && apt-get install -y -qq chromium >/dev/null; \
	else echo "No Chromium: browser tests are skipped. To run them: sudo apt-get install chromium"; fi

clean:
	rm -rf .venv build dist *.egg-info
