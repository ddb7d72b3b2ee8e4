"""Where a server listens: its socket, its certificate, and the address that leads there from this machine."""

import socket
import ssl

from dispatch.settings import Settings


def listening_socket(settings: Settings) -> socket.socket:
    """A socket at the address of the settings. Raises OSError when it is not free."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    return socket.create_server((settings.host, settings.port), family=family)


def url_of(settings: Settings, listening: socket.socket) -> str:
    """The address at which this machine reaches a server that listens here."""
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104 - read, not bound
    return f"{'https' if settings.tls else 'http'}://{host}:{listening.getsockname()[1]}"


def tls_of(settings: Settings) -> ssl.SSLContext | None:
    """The certificate's context; None without one."""
    if settings.tls_certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(settings.tls_certificate, settings.tls_key)
    return context
