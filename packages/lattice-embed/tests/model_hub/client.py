"""What a user's process does, told as JSON: its settings come from the environment, as a user's.

    python client.py MODEL [PINS]    PINS: {"revision": ..., "sha256": ..., "hub_id": ...}

Prints what `locate_model` gave or raised, the seconds that it took, and every connection that was
tried, whoever tried it.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

_LONGEST_PAUSE_S = 0.05
connections: list[str] = []


def watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.getaddrinfo", "subprocess.Popen"):
        connections.append(f"{event} {arguments[-1]}")


def main() -> None:
    sys.addaudithook(watch)
    if limit := os.environ.get("LARGEST_FILE_BYTES"):
        import resource
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))

    from lattice_embed import EmbedError, ModelRecord
    from lattice_embed.catalog import _BY_NAME
    from lattice_embed.model_files import locate_model

    if "WHOLE_PAUSES" not in os.environ:  # as often as ever, but the hub is near
        sleep = time.sleep
        time.sleep = lambda seconds, /: sleep(min(float(seconds), _LONGEST_PAUSE_S))
    name = sys.argv[1]
    if len(sys.argv) > 2:
        pins = {"hub_id": "owner/model", **json.loads(sys.argv[2])}
        hub_id = pins.pop("hub_id")
        _BY_NAME[name] = ModelRecord(name, hub_id, 8, 20, "mean", **pins)
    began = time.monotonic()
    answer: dict[str, Any] = {"error": "", "directory": "", "revision": None}
    try:
        local = locate_model(name)
        answer |= {"directory": str(local.directory), "revision": local.revision}
    except EmbedError as error:
        answer |= {"error": str(error), "kind": type(error).__name__}
    seconds = time.monotonic() - began
    print(json.dumps({**answer, "seconds": seconds, "connections": connections}))


if __name__ == "__main__":
    main()
