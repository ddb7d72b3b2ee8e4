"""The `kiwimesh` command."""


def main() -> None:
    """Runs the command line. The commands live in `dispatch.cli`."""
    from dispatch.cli import cli

    cli()


if __name__ == "__main__":
    main()
