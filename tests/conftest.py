"""How all of the project's own tests run."""

import gc

from hypothesis import settings

# Hypothesis and syntax trees make many objects that live: by default a quarter of the time goes into looking at them.
gc.set_threshold(50_000, 20, 20)


# How long an example takes depends on what else the machine does, and says nothing of what is tested.
settings.register_profile("tests", deadline=None)
settings.load_profile("tests")


def pytest_collection_finish() -> None:
    gc.freeze()  # what was imported and collected is there to the end
