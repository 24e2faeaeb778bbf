"""What an application team writes: nothing is imported from kafka-conformance, the fixture is just there."""

import socket


def place_order(bootstrap_servers):
    host, _, port = bootstrap_servers.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=5):
        pass


def test_each_test_has_a_cluster_of_its_own(kafka):
    kafka.create_topic("orders", partitions=3)
    place_order(kafka.bootstrap_servers)
    assert kafka.records("orders") == []


def test_and_it_is_empty_at_first(kafka):
    kafka.create_topic("orders")
    assert kafka.records("orders") == []
