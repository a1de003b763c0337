from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    name = "baogong.channels"
    label = "channels"
    verbose_name = "Channels"
