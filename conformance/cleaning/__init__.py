"""What a broker removes from its logs by itself: compaction and retention, and what neither may touch."""
