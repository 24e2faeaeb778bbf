"""What outlives a broker: its records, offsets, topics and epochs, after a kill and after an orderly restart."""
