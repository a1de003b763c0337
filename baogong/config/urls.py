"""Every address of the installation; each context brings its own list."""

from __future__ import annotations

from django.urls import include, path, re_path

from baogong.config import health
from baogong.config.api import add_routers, api, unknown_path

add_routers()

handler400 = "baogong.web.errors.bad_request"
handler403 = "baogong.web.errors.forbidden"
handler404 = "baogong.web.errors.not_found"
handler500 = "baogong.web.errors.server_error"

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
    path("api/v1/", api.urls),
    re_path(r"^api/(?P<rest>.*)$", unknown_path),
    path("", include("baogong.web.urls")),
    path("", include("baogong.home.urls")),
    path("imports/", include("baogong.home.importing_urls")),
    path("people/", include("baogong.people.urls")),
    path("supply/", include("baogong.supply.urls")),
    path("groupbuy/", include("baogong.groupbuy.urls")),
    path("distribution/", include("baogong.distribution.urls")),
]
