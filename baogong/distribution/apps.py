from django.apps import AppConfig


class DistributionConfig(AppConfig):
    name = "baogong.distribution"
    label = "distribution"
    verbose_name = "Distribution"
