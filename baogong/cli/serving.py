"""`baogong serve`: a parent that keeps the web process and exactly one task worker running.

What dies is started again after a second; SIGTERM or Ctrl-C stops all within ten seconds.
"""

from __future__ import annotations

import argparse
import ctypes
import fcntl
import ipaddress
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import IO, Any

from django.conf import settings

from baogong.cli.preparing import prepare
from baogong.common import environment as env
from baogong.common.errors import BadInput

STOP_S = 10  # whole stop; web and task processes get most of it to finish what they do
RESTART_S = 1.0
PR_SET_PDEATHSIG = 1  # of Linux's prctl


def serve(options: argparse.Namespace) -> int:
    """Serve until stopped. Raises BadInput where the address would be unsafe."""
    subdistrict = prepare()
    held = hold_data_folder()
    refuse_unsafe(options, demonstration=subdistrict.demonstration)
    for name in env.unknown_names():
        print(f"baogong: the environment names {name}, which means nothing here", file=sys.stderr)
    collect_static()
    extra = {"BAOGONG_TLS": "1"} if options.tls_cert else {}
    if options.insecure and not is_loopback(options.host):
        extra["BAOGONG_INSECURE"] = "1"
    web = [sys.executable, "-m", "baogong.cli.web", options.host, str(options.port), str(web_processes())]
    web += [str(options.threads), options.tls_cert or "", options.tls_key or ""]
    tasks = [sys.executable, "-m", "baogong", "tasks"]
    print(f"Baogong serves on {'https' if options.tls_cert else 'http'}://{options.host}:{options.port}", flush=True)
    status = Parent({"web": web, "tasks": tasks}, {**os.environ, **extra}).run()
    held.close()
    return status


def refuse_unsafe(options: argparse.Namespace, *, demonstration: bool) -> None:
    """Plain HTTP, invented sign-ins and switched-off limits stay on loopback unless somebody says otherwise."""
    refuse_bad_address(options)
    if is_loopback(options.host):
        return
    host = options.host
    if not (options.tls_cert or settings.BEHIND_PROXY or options.insecure):
        raise BadInput(f"{host} without TLS: give --tls-cert and --tls-key, set BAOGONG_PROXY=1, or say --insecure")
    if demonstration and not options.demo:
        raise BadInput(f"a demonstration database has open sign-ins; to serve it on {host} say --demo")
    if not settings.BAOGONG_LIMITS:
        raise BadInput(f"BAOGONG_LIMITS=off is refused on {host}")


def refuse_bad_address(options: argparse.Namespace) -> None:
    if bool(options.tls_cert) != bool(options.tls_key):
        raise BadInput("give --tls-cert and --tls-key together")
    for path in filter(None, (options.tls_cert, options.tls_key)):
        if not Path(path).is_file():
            raise BadInput(f"no such file: {path}")
    if not 0 < options.port < 65536:
        raise BadInput(f"{options.port} is no port")
    if port_taken(options.host, options.port):
        raise BadInput(f"port {options.port} on {options.host} is in use; choose another with --port or PORT")


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def port_taken(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def collect_static() -> None:
    from django.core.management import call_command

    call_command("collectstatic", interactive=False, verbosity=0)


def web_processes() -> int:
    """SQLite: one process with threads, since one writer at a time is all there can be. PostgreSQL: one a core."""
    return 1 if "sqlite" in str(settings.DATABASES["default"]["ENGINE"]) else os.cpu_count() or 1


class Parent:
    """Starts commands by name, starts again what dies, stops all together."""

    def __init__(self, commands: Mapping[str, list[str]], environ: Mapping[str, str]) -> None:
        self.commands, self.environ = commands, dict(environ)
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.stopping = False

    def run(self) -> int:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop_soon)
        for name in self.commands:
            self._start(name)
        while not self.stopping:
            self._restart_dead()
            time.sleep(0.2)
        self._stop_children()
        return 0

    def _start(self, name: str) -> None:
        # a session of its own: Ctrl-C reaches the parent only, which stops its children in order
        self.children[name] = subprocess.Popen(
            self.commands[name],
            env=self.environ,
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - this process has one thread
        )

    def _restart_dead(self) -> None:
        for name, child in self.children.items():
            if child.poll() is not None and not self.stopping:
                print(f"baogong: {name} ended with {child.returncode}; starting it again", file=sys.stderr, flush=True)
                _signal_group(child, signal.SIGKILL)  # workers that it left behind would keep the port
                time.sleep(RESTART_S)
                self._start(name)

    def _stop_soon(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _stop_children(self) -> None:
        for child in self.children.values():
            _signal_group(child, signal.SIGTERM)
        deadline = time.monotonic() + STOP_S - 2
        for child in self.children.values():
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                _signal_group(child, signal.SIGKILL)
                child.wait()


def die_with_parent() -> None:
    """In a child, before its program starts: Linux ends it when the parent is killed, so that none lives on alone."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def hold_data_folder() -> IO[str]:
    """One `serve` to a data folder: two task workers would do things twice. Held until the process ends.

    Raises BadInput.
    """
    held = (settings.BAOGONG_DATA / "serving.lock").open("w")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as taken:
        raise BadInput(f"another `baogong serve` works on {settings.BAOGONG_DATA}; stop it first") from taken
    return held


def _signal_group(child: subprocess.Popen[Any], number: int) -> None:
    with suppress(ProcessLookupError):  # it may be gone already
        os.killpg(child.pid, number)


def run_demo(options: argparse.Namespace) -> int:
    """`make run`: the demonstration subdistrict on loopback; a second run keeps the data."""
    from baogong.cli.demo import ensure_demo, print_welcome

    ensure_demo()
    print_welcome(options.port)
    serving = argparse.Namespace(
        host="127.0.0.1", port=options.port, threads=16, tls_cert=None, tls_key=None, insecure=False, demo=False
    )
    return serve(serving)


def work_on_tasks(options: argparse.Namespace) -> int:
    """The one task worker: queued and periodic jobs, until stopped."""
    from importlib import import_module

    from django.apps import apps
    from django.utils.module_loading import module_has_submodule
    from huey.consumer import Consumer
    from huey.contrib.djhuey import HUEY

    prepare()
    for config in apps.get_app_configs():
        if config.name.startswith("baogong.") and module_has_submodule(config.module, "tasks"):
            import_module(f"{config.name}.tasks")
    Consumer(HUEY, workers=1, max_delay=1.0, graceful_signal="TERM", shutdown_timeout=STOP_S - 4).run()
    return 0
