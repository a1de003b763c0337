from django.urls import path

from baogong.supply import views

app_name = "supply"

urlpatterns = [
    path("list/", views.supply_list, name="list"),
    path("list/print/", views.print_list, name="print_list"),
    path("suppliers/", views.suppliers, name="suppliers"),
    path("purchase-orders/", views.purchase_orders, name="purchase_orders"),
    path("purchase-orders/<uuid:id>/", views.purchase_order, name="purchase_order"),
    path("purchase-orders/<uuid:id>/workbook/", views.workbook, name="workbook"),
]
