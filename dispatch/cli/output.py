"""What the server's commands tell people."""

import click

from dispatch.tenancy import DemoWorld


def say_logins(url: str, world: DemoWorld) -> None:
    """The addresses and the demo logins, as a table."""
    click.echo(f"\n  operators   {url}/\n  callers     {url}/call/\n\nLogins (made for this data folder):")
    width = max(len(login.email) for login in world.logins)
    for login in world.logins:
        click.echo(f"  {login.role.value:<18} {login.email:<{width}}  {login.password}")
    click.echo("")
