from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from accounts.models import User
from accounts.services.erasing import erase_guest
from accounts.services.profiles import erase_user
from config.acting import COMMAND, acting


class Command(BaseCommand):
    help = "Erase who used an e-mail address, with an account and without; nothing undoes it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--dry-run", action="store_true", help="Only count what there is.")

    def handle(self, *, email: str, dry_run: bool, **options: Any) -> None:  # noqa: ANN401
        user = User.objects.identified_by(email=email)
        self.stdout.write("Dry run: nothing is erased." if dry_run else "Erased:")
        self.stdout.write(f"{int(user is not None):>9}  account")
        done = erase_guest(email=email, is_dry_run=dry_run)
        if user and not dry_run:
            with acting(COMMAND):
                erase_user(user_id=user.pk)
        for what, number in sorted(done.items()):
            self.stdout.write(f"{number:>9,}  {what} without an account")
