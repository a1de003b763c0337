from django.urls import path

from baogong.home.views import household, index, offices, poster, search, workers

app_name = "home"

urlpatterns = [
    path("", index.index, name="index"),
    path("b/", poster.find_building, name="find"),
    path("b/<path:code>", poster.poster, name="poster"),
    path("search/", search.search, name="search"),
    path("order-for/", search.order_for, name="order_for"),
    path("my/week/", household.week, name="week"),
    path("my/goods/<uuid:id>/", household.delivery_page, name="delivery"),
    path("laws/", offices.laws, name="laws"),
    path("figures/", offices.figures, name="figures"),
    path("calls/", workers.calls, name="calls"),
    path("calls/<uuid:id>/confirmation/", workers.call_made, name="call_made"),
    path("calls/<uuid:id>/withdrawal/", workers.call_not_made, name="call_not_made"),
]
