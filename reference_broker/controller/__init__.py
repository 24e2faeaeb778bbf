"""The controller: topics, partitions, configs and producer ids, as records of the metadata log."""
