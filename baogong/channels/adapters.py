"""How a message leaves the house. An adapter knows an address and a text, nothing else."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Protocol

from django.conf import settings

from baogong.channels.models import Message


class NotSent(Exception):
    """It did not go out; the text says why. It is tried again later."""


class Adapter(Protocol):
    def send(self, message: Message, *, at: datetime) -> None:
        """Hand the message over. May be called again for the same id after a crash. Raises NotSent."""


class OutboxFolder:
    """Writes each message as one JSON file named by its id, so that a repeated try writes the same file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, message: Message, *, at: datetime) -> None:
        content = {
            "channel": message.channel,
            "address": message.address,
            "text": message.words,
            "kind": message.kind,
            "id": str(message.pk),
            "at": at.isoformat(timespec="seconds"),
        }
        path = self.folder / f"{message.pk}.json"
        draft = path.with_suffix(f".{os.getpid()}.part")
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
            draft.replace(path)
        except OSError as wrong:
            raise NotSent(f"outbox folder: {wrong.strerror}") from wrong


def adapter_for(channel: str) -> Adapter | None:
    """What sends on a channel; None while no service is set for it."""
    if settings.BAOGONG_OUTBOX:
        return OutboxFolder(Path(settings.BAOGONG_OUTBOX))
    return None
