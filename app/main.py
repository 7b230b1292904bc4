"""Entry point of the `gatehouse` command."""

import sys


def main() -> None:
    """Run the command line; without a verb the window opens."""
    from app.cli.program import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
