"""The catalogue of requirements and the suites that judge them."""
