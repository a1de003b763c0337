"""The web process that `serve` starts: `python -m baogong.cli.web HOST PORT PROCESSES THREADS CERT KEY`."""

from __future__ import annotations

import sys
from pathlib import Path

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels


def main(host: str, port: str, processes: str, threads: str, cert: str, key: str) -> None:
    Granian(
        "baogong.config.wsgi:application",
        address=host,
        port=int(port),
        interface=Interfaces.WSGI,
        workers=int(processes),
        blocking_threads=int(threads),
        backlog=2048,
        # requests over this many wait in the socket's backlog rather than in memory
        backpressure=int(threads) * 16,
        respawn_failed_workers=True,
        workers_kill_timeout=5,
        log_access=False,
        log_level=LogLevels.error,
        ssl_cert=Path(cert) if cert else None,
        ssl_key=Path(key) if key else None,
        websockets=False,
    ).serve()


if __name__ == "__main__":
    main(*sys.argv[1:7])
