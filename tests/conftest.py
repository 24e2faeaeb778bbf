"""How all of the project's own tests run."""

import gc

# Hypothesis and syntax trees make many objects that live: by default a quarter of the time goes into looking at them.
gc.set_threshold(50_000, 20, 20)


def pytest_collection_finish() -> None:
    gc.freeze()  # what was imported and collected is there to the end
