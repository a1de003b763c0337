from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "baogong.places"
    label = "places"
    verbose_name = "Places"
