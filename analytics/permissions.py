"""Who may read figures: staff by Django's permissions."""

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView


class MaySeeSearches(BasePermission):
    """Staff who may see what was searched."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        user = request.user
        return bool(user.is_staff and user.has_perm("catalog.view_searchedquery"))
