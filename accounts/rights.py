"""What the rights of staff are asked by, in every app."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from .models import User


def staff_may(user: User | AnonymousUser | None, permission: str) -> bool:
    """Tell whether somebody is staff and has a permission such as `catalog.change_product`.

    Staff without it are customers to whoever asks: they see what is public and their own.
    """
    return user is not None and user.is_staff and user.has_perm(permission)
