"""The controller: topics, configurations, brokers and producer ids, kept in Kafka's metadata log."""
