"""What systemd wants to hear of a service of `Type=notify`: that it is up, that it is well, that it is going.

The protocol is one datagram per word to the socket that NOTIFY_SOCKET names (man sd_notify). With `WatchdogSec=` the
unit says in WATCHDOG_USEC how long it may be silent; a bot that is frozen, or whose job engine does not work any more,
is silent, and systemd starts another. Without these variables nothing is said to anybody.
"""

import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

READY: Final = "READY=1"
STOPPING: Final = "STOPPING=1"
WELL: Final = "WATCHDOG=1"


def say(word: str, env: Mapping[str, str]) -> bool:
    """Tell systemd. False if it does not listen: whoever started us otherwise does not want to know."""
    address = env.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    if address.startswith("@"):  # a name that is in no folder
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as door, suppress(OSError):
        door.sendto(word.encode(), address)
        return True
    return False


def until_stopped_saying_so(stopped: threading.Event, well: Callable[[], bool], env: Mapping[str, str]) -> None:
    """Say that we are up; wait for the end, and say meanwhile that we are well for as long as `well` says so."""
    say(READY, env)
    allowed = env.get("WATCHDOG_USEC", "")
    pause_s = int(allowed) / 1e6 / 3 if allowed.isdecimal() and int(allowed) else None
    while not stopped.wait(pause_s):
        if well():
            say(WELL, env)
    say(STOPPING, env)
