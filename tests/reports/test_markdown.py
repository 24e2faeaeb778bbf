from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.reports.markdown import render_markdown
from tests.reports import samples
from tests.reports.hostile import hostile_run


def test_the_summary_has_headline_table_and_failures() -> None:
    text = render_markdown(samples.run())

    assert text.startswith("## tcp:broker-1:9092 violates 2 of 11 MUST requirements\n")
    assert "| produce | 3 | 1 |  |  |  |\n" in text
    assert "| **all** | 9 | 2 | 1 |  | 1 |\n" in text
    assert "### produce/idempotence/duplicate-sequence: violated\n" in text
    assert "    replay    kafka-conformance replay out/replays/" in text
    assert "- not green: offsets/commit/survives-coordinator: unknown\n" in text


@given(st.text(st.characters(codec=None), max_size=20))
def test_text_of_others_is_no_markup(text: str) -> None:
    lines = render_markdown(hostile_run(f"<b>|{text}")).splitlines()

    outside_code = [line for line in lines if not line.startswith("    ") and "details>" not in line]
    assert not any("<b>" in line.replace("\\<", "") for line in outside_code)
    assert lines.count("<details><summary>Expected, actual, history, replay</summary>") == lines.count("</details>")
