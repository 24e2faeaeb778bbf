.PHONY: check format lint types imports fast-tests

check: format-check lint types imports fast-tests

format:
	uv run --no-sync ruff format .

format-check:
	uv run --no-sync ruff format --check .

lint:
	uv run --no-sync ruff check .

types:
	uv run --no-sync mypy -p kafka_conformance

imports:
	uv run --no-sync lint-imports

# Each worker compiles all modules and rewrites all assertions, unless it may keep what came of it.
fast-tests:
	env -u PYTHONDONTWRITEBYTECODE uv run --no-sync pytest -q -m "not slow" tests
