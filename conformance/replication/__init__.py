"""What a cluster of three brokers keeps when one of them, or two, are gone."""
