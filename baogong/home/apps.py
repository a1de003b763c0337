from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "baogong.home"
    label = "home"
    verbose_name = "Home"

    def ready(self) -> None:
        """Group buying shows an order's way to the end, which rooms above it know."""
        from baogong.groupbuy import way
        from baogong.home.way import delivery_stations

        if delivery_stations not in way.later_stations:
            way.later_stations.append(delivery_stations)
