"""`python -m kafka_conformance`: the command, where its script is not on the path."""

import sys

from kafka_conformance.plugins.commands import main

if __name__ == "__main__":
    sys.exit(main())
