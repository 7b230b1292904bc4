"""`make bench`: every benchmark after the other, each figure as a JSON line."""

import importlib
import sys

BENCHES = (
    "bench_gate",
    "bench_sale",
    "bench_camera",
    "bench_pdf",
    "bench_audit",
    "bench_push",
    "bench_claims",
    "bench_stations",
    "bench_snapshot",
)


def main(wanted: list[str]) -> None:
    """Run the named benchmarks, or all."""
    for name in wanted or BENCHES:
        sys.argv = [name]  # each reads its own arguments
        module = importlib.import_module(f"tests.bench.{name}")
        module.main()


if __name__ == "__main__":
    main(sys.argv[1:])
