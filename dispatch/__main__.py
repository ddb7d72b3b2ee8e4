"""The `kiwimesh` command."""

import sys

from dispatch.cli import run


def main() -> None:
    """Runs the command line. The commands live in `dispatch.cli`."""
    sys.exit(run())


if __name__ == "__main__":
    main()
