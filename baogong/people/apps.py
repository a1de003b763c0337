from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "baogong.people"
    label = "people"
    verbose_name = "People"
