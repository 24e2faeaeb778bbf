"""What an administrator asks: metadata, topics made, grown and deleted, configurations."""
