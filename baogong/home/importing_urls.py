"""Addresses of the imports and exports."""

from __future__ import annotations

from django.urls import path

from baogong.home import importing_views as views

app_name = "imports"

urlpatterns = [
    path("", views.index, name="index"),
    path("export/", views.export, name="export"),
    path("<uuid:run_id>/", views.run, name="run"),
    path("<uuid:run_id>/columns/", views.columns, name="columns"),
    path("<uuid:run_id>/application/", views.application, name="application"),
    path("<uuid:run_id>/removal/", views.removal, name="removal"),
    path("<uuid:run_id>/refused.csv", views.refused, name="refused"),
]
