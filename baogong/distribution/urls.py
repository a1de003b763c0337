from django.urls import path

from baogong.distribution.views import doors, papers, plans, points, sharing, tasks

app_name = "distribution"

urlpatterns = [
    path("receipts/<uuid:id>/allocation/", sharing.share_out, name="share_out"),
    path("allocations/<uuid:id>/", sharing.allocation, name="allocation"),
    path("plans/", plans.plans, name="plans"),
    path("plans/<uuid:id>/", plans.plan, name="plan"),
    path("plans/<uuid:id>/progress/", plans.progress, name="progress"),
    path("plans/<uuid:id>/publication/", plans.publish, name="publish"),
    path("plans/<uuid:id>/withdrawal/", plans.withdraw, name="withdraw"),
    path("plans/<uuid:id>/papers/<slug:kind>/", papers.paper, name="paper"),
    path("plans/<uuid:id>/papers/<slug:kind>/workbook/", papers.workbook, name="workbook"),
    path("points/", points.points, name="points"),
    path("points/new/", points.new_point, name="new_point"),
    path("points/<uuid:id>/", points.point, name="point"),
    path("tasks/", tasks.tasks, name="tasks"),
    path("tasks/duty/", tasks.duty, name="duty"),
    path("tasks/<uuid:id>/", tasks.task, name="task"),
    path("tasks/<uuid:id>/code/", doors.find, name="find"),
    path("tasks/<uuid:id>/doors/<uuid:delivery_id>/", doors.door, name="door"),
    path("tasks/<uuid:id>/doors/<uuid:delivery_id>/absence/", doors.not_met, name="not_met"),
    path("tasks/<uuid:id>/doors/<uuid:delivery_id>/return/", doors.take_back, name="take_back"),
    path("tasks/<uuid:id>/<slug:name>/", tasks.deed, name="task_deed"),
]
