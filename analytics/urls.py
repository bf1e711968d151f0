from django.urls import path

from .views import EventsView, SearchFiguresView

urlpatterns = [
    path("analytics/events/", EventsView.as_view()),
    path("analytics/search/", SearchFiguresView.as_view()),
]
