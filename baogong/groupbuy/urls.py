from django.urls import path

from baogong.groupbuy.views import desk, orders, payments, residents

app_name = "groupbuy"

urlpatterns = [
    path("desk/rounds/", desk.rounds, name="desk_rounds"),
    path("desk/rounds/new/", desk.new_round, name="desk_new_round"),
    path("desk/rounds/<uuid:id>/", desk.round_page, name="desk_round"),
    path("desk/rounds/<uuid:id>/money/", desk.money, name="desk_money"),
    path("desk/rounds/<uuid:id>/<slug:name>/", desk.deed, name="desk_deed"),
    path("desk/payments/", payments.payments, name="desk_payments"),
    path("rounds/<uuid:id>/", residents.round_page, name="round"),
    path("orders/", orders.my_orders, name="orders"),
    path("orders/<uuid:id>/", orders.order_page, name="order"),
    path("orders/<uuid:id>/change/", orders.change, name="order_change"),
    path("orders/<uuid:id>/cancellation/", orders.cancel, name="order_cancel"),
    path("orders/<uuid:id>/cash/", orders.take_cash, name="order_cash"),
]
