from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "baogong.common"
    label = "common"
    verbose_name = "Common"
