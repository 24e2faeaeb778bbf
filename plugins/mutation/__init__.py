"""Which named defects of the reference broker the suite notices."""
