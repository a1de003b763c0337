from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "baogong.web"
    label = "web"
    verbose_name = "Web"
