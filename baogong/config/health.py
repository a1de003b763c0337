"""Addresses for machines: alive, ready, figures. They tell nothing about anybody."""

from __future__ import annotations

import time

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from baogong.channels.models import Message
from baogong.common.models import Event
from baogong.groupbuy.models import Round

STARTED = time.time()


def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain")


def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers too."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception:
        return JsonResponse({"ready": False}, status=503)
    return JsonResponse({"ready": True})


def metrics(request: HttpRequest) -> HttpResponse:
    """What waits, counted: messages, events without their seal, open rounds."""
    registry = CollectorRegistry()
    figures = {
        "baogong_uptime_seconds": time.time() - STARTED,
        "baogong_messages_waiting": Message.objects.everywhere().filter(state=Message.State.QUEUED).count(),
        "baogong_events_unsealed": Event.objects.everywhere().unsealed().count(),
        "baogong_rounds_open": Round.objects.everywhere().filter(state=Round.State.OPEN).count(),
    }
    for name, value in figures.items():
        Gauge(name, name.replace("_", " "), registry=registry).set(value)
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
