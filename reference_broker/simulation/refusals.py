"""What asyncio's loops can do with an operating system, and a simulation cannot."""

from typing import Any


def _refused(what: str) -> Any:
    def refuse(self: object, *_args: object, **_options: object) -> None:
        raise NotImplementedError(f"a simulation has no {what}")

    refuse.__doc__ = f"Raise NotImplementedError: a simulation has no {what}."
    return refuse


class WithoutOperatingSystem:
    """Methods of an event loop that refuse with a reason."""

    add_signal_handler = remove_signal_handler = _refused("signals")
    add_reader = remove_reader = add_writer = remove_writer = _refused("file descriptors to watch")
    sock_recv = sock_recv_into = sock_recvfrom = sock_recvfrom_into = _refused("sockets")
    sock_sendall = sock_sendto = sock_sendfile = sock_connect = sock_accept = _refused("sockets")
    connect_accepted_socket = sendfile = _refused("sockets")
    create_unix_connection = create_unix_server = _refused("Unix sockets")
    create_datagram_endpoint = _refused("datagrams")
    start_tls = _refused("TLS")
    connect_read_pipe = connect_write_pipe = _refused("pipes")
    subprocess_exec = subprocess_shell = _refused("processes")


def refuse_unless_plain(*, ssl: object, sock: object) -> None:
    """Raise NotImplementedError if a connection or server is to use TLS or a socket that exists already."""
    if ssl:
        _refused("TLS")(None)
    if sock is not None:
        _refused("sockets")(None)
