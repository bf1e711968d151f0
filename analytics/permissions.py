"""Who may read figures: staff by Django's permissions."""

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.rights import staff_may


class MaySeeSearches(BasePermission):
    """Staff who may see what was searched."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return staff_may(request.user, "catalog.view_searchedquery")
