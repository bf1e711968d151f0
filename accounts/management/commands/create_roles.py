from typing import Any

from django.core.management.base import BaseCommand

from accounts.services.roles import create_roles


class Command(BaseCommand):
    help = "Make the groups of staff, each with its rights; what a shop added to them stays."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401
        for name, rights in create_roles().items():
            self.stdout.write(f"{name:<16} {rights:>3} rights added")
