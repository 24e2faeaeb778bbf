"""The reference pages say what the code says."""

import pytest

from tests.reference_docs import PAGES, WRITERS, page


@pytest.mark.parametrize("name", WRITERS)
def test_a_reference_page_is_up_to_date(name: str) -> None:
    assert (PAGES / name).read_text() == page(name), "run: uv run python -m tests.reference_docs"
