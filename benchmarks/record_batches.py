"""What a broker does to each batch of a Produce request, in microseconds: `python -m benchmarks.record_batches`."""

import random
import timeit
from collections.abc import Callable, Sequence

from kafka_conformance.protocol.records import (
    Compression,
    NewRecord,
    batch_body,
    build_batch,
    read_batch_header,
    records_of,
    scan_records,
    verify_crc,
)

_RANDOM = random.Random(1)
_SHAPES: dict[str, Sequence[NewRecord]] = {
    "1 record of 100 B": [NewRecord(None, bytes(100), (), 1_000)],
    "160 of 100 B": [NewRecord(None, bytes(100), (), 1_000 + index // 10) for index in range(160)],
    "8000 of 100 B": [NewRecord(None, bytes(100), (), 1_000 + index // 100) for index in range(8000)],
    "160 of 60 to 140 B": [
        NewRecord(b"%d" % index, bytes(_RANDOM.randrange(60, 140)), (), 1_000 + index) for index in range(160)
    ],
    "15 of 1 KB": [NewRecord(b"key", bytes(1000), (), 1_000) for _ in range(15)],
}


def microseconds(action: Callable[[], object]) -> float:
    """The best of nine rounds."""
    timer = timeit.Timer(action)
    loops, _ = timer.autorange(lambda *_: None)
    return min(timer.repeat(9, max(1, loops // 9))) / max(1, loops // 9) * 1e6


def main() -> None:
    """Print a table."""
    print(f"{'':24}{'header':>8}{'crc':>8}{'scan':>10}{'per record':>12}{'read':>10}{'build':>10}")
    for name, records in _SHAPES.items():
        batch = build_batch(records)
        view = memoryview(batch)
        header = read_batch_header(view)
        scan = microseconds(lambda: scan_records(header, view[61:]))  # noqa: B023
        columns = (
            microseconds(lambda: read_batch_header(view)),  # noqa: B023
            microseconds(lambda: verify_crc(header, view)),  # noqa: B023
            scan,
        )
        read = microseconds(lambda: list(records_of(header, view)))  # noqa: B023
        build = microseconds(lambda: build_batch(records))  # noqa: B023
        print(
            f"{name:24}{columns[0]:8.2f}{columns[1]:8.2f}{columns[2]:10.2f}{scan / len(records):12.3f}"
            f"{read:10.1f}{build:10.1f}"
        )
    print()
    for codec in Compression:
        batch = build_batch(_SHAPES["160 of 60 to 140 B"], compression=codec)
        header = read_batch_header(batch)
        print(f"decompress 16 KB, {codec.name:8}{microseconds(lambda: batch_body(header, batch)):10.1f}")  # noqa: B023


if __name__ == "__main__":
    main()
