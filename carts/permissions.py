"""Who may change what the shop charges: staff, by Django's model permissions."""

from typing import Any

from rest_framework.permissions import DjangoModelPermissions
from rest_framework.request import Request
from rest_framework.views import APIView


class StaffMay(DjangoModelPermissions):
    """Staff who may view, add, change or delete rows of the view's model."""

    perms_map: dict[str, Any] = DjangoModelPermissions.perms_map | {
        "GET": ["%(app_label)s.view_%(model_name)s"],
        "HEAD": ["%(app_label)s.view_%(model_name)s"],
    }

    def has_permission(self, request: Request, view: APIView) -> bool:
        user = request.user
        return user.is_authenticated and user.is_staff and super().has_permission(request, view)
