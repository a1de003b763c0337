"""Says in plain words what this machine lacks before `make setup` builds anything. Runs on any Python 3."""

import importlib.util
import sys

OLDEST = (3, 11)


def complaint() -> "str | None":
    """One line on what is missing, or None."""
    if sys.version_info < OLDEST:
        found = ".".join(str(part) for part in sys.version_info[:3])
        return "setup: Python 3.11 or later is needed, this is %s (%s). Name another: make setup PYTHON=python3.12" % (
            found,
            sys.executable,
        )
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        return "setup: Python has no venv here. On Debian and Ubuntu: sudo apt-get install python3-venv"
    return None


if __name__ == "__main__":
    message = complaint()
    if message:
        sys.stderr.write(message + "\n")
        sys.exit(2)
