"""What is built in, registered through the same hooks that others use."""
