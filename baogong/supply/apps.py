from django.apps import AppConfig


class SupplyConfig(AppConfig):
    name = "baogong.supply"
    label = "supply"
    verbose_name = "Supply"
