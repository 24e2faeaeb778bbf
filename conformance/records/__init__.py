"""Records: what the log makes of batches, and what a consumer gets to see of them."""
