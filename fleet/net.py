"""Listening sockets, and the sentence a taken port deserves."""

import errno
import socket

from fleet.errors import SetupError

BACKLOG = 4096
DATAGRAM_BUFFER = 1 << 20
"""Bytes the system may hold of a burst."""


def listen(host: str, port: int, option: str) -> socket.socket:
    """A TCP socket that listens on `host`:`port` (0: a free one). Raises SetupError naming the port and `option`."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
    except OSError as error:
        raise SetupError(
            f"expected an address to listen on, got {host!r}: {error.strerror}; correct the host"
        ) from error
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(BACKLOG)
        listening.setblocking(False)
    except OSError as error:
        listening.close()
        raise _refused(host, port, option, error) from error
    return listening


def datagrams(host: str, port: int, option: str) -> socket.socket:
    """A UDP socket on `host`:`port` (0: a free one), for IPv4 addresses too. Raises SetupError as `listen` does."""
    try:
        found = socket.getaddrinfo(host, port, family=socket.AF_INET6, type=socket.SOCK_DGRAM, flags=socket.AI_V4MAPPED)
        bound = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    except OSError as error:
        raise SetupError(
            f"expected an address for datagrams, got {host!r}: {error.strerror}; correct the host"
        ) from error
    try:
        bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, DATAGRAM_BUFFER)
        bound.bind(found[0][4])
        bound.setblocking(False)
    except OSError as error:
        bound.close()
        raise _refused(host, port, option, error) from error
    return bound


def address(listening: socket.socket) -> str:
    """`host:port` as clients write it."""
    host, port = listening.getsockname()[:2]
    host = host.removeprefix("::ffff:")
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _refused(host: str, port: int, option: str, error: OSError) -> SetupError:
    if error.errno == errno.EADDRINUSE:
        return SetupError(
            f"expected port {port} on {host} to be free, got one that another program listens on: "
            f"choose another with {option} (0 takes a free one)"
        )
    return SetupError(f"expected to listen on {host} port {port}, got: {error.strerror}; choose another with {option}")
