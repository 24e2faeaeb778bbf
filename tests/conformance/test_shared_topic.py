"""What the cases of groups read out of an assignment."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.groups.sharing import owned_partitions
from kafka_conformance.harness.cases import assignment


@given(owned=st.lists(st.integers(0, 99), max_size=5), others=st.lists(st.integers(0, 99), max_size=3))
def test_a_member_owns_the_partitions_that_its_assignment_names_for_the_topic(owned, others):
    assigned = assignment({"other": others, "topic": owned})

    assert owned_partitions(assigned, "topic") == owned


def test_a_member_that_the_leader_left_out_owns_nothing():
    assert owned_partitions(b"", "topic") == []
