"""What clients that work at the same time did and saw, taken together."""

from hypothesis import given
from hypothesis import strategies as st

from kafka_conformance.conformance.ordering.turns import CLIENTS, PARTITIONS, Turn, play
from kafka_conformance.harness.cases import checks, expect
from kafka_conformance.harness.checkers.anomalies import anomalies

TURNS = st.lists(
    st.builds(Turn, st.booleans(), st.integers(0, CLIENTS - 1), st.integers(0, PARTITIONS - 1), st.integers(1, 3)),
    min_size=1,
    max_size=12,
)


@checks("ordering/histories/one-log-for-all")
@given(turns=TURNS)
def test_what_clients_did_and_saw_is_one_log_for_all_of_them(cluster, turns):
    with cluster.topic(partitions=PARTITIONS) as topic:
        recorder = play(cluster, topic, [Turn(True, 0, 0, 1), *turns])

        expect(anomalies(recorder.history), "the anomalies of the history").equals([])
