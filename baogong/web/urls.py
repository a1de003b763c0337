from django.urls import path

from baogong.web import views

app_name = "web"

urlpatterns = [
    path("components/", views.components, name="components"),
    path("language/", views.set_language, name="language"),
    path("elder/", views.set_elder, name="elder"),
    path("worker.js", views.worker, name="worker"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path("offline/", views.offline, name="offline"),
    path("robots.txt", views.robots, name="robots"),
    path(".well-known/security.txt", views.security, name="security"),
]
