from django.apps import AppConfig


class GroupbuyConfig(AppConfig):
    name = "baogong.groupbuy"
    label = "groupbuy"
    verbose_name = "Group buying"
