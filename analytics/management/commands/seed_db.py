from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from analytics.seeding.run import make_admin, seed_shop


class Command(BaseCommand):
    help = "Fill the shop with believable products, customers and past orders."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--products", type=int, default=1000)
        parser.add_argument("--orders", type=int, default=500)
        parser.add_argument("--seed", type=int, default=1, help="The same seed, the same shop.")
        parser.add_argument("--admin-email", default="", help="Make an administrator too.")
        parser.add_argument("--admin-password", default="", help="Made at random where left out.")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401
        if options["products"] < 0 or options["orders"] < 0:
            raise CommandError("Give numbers that are not negative.")
        _check_admin(options["admin_email"], options["admin_password"])
        added = seed_shop(
            products=options["products"], orders=options["orders"], seed=options["seed"]
        )
        if added.total():
            for what, number in added.items():
                self.stdout.write(f"{number:>7,}  {what} added")
        else:
            self.stdout.write("The shop has all of this already: nothing was changed.")
        if options["admin_email"]:
            self._make_admin(options["admin_email"], options["admin_password"])

    def _make_admin(self, email: str, given: str) -> None:
        password = make_admin(email, given)
        if password is None:
            self.stdout.write(f"There is a user {email} already: left as it is.")
        elif given:
            self.stdout.write(f"Administrator {email} was made.")
        else:
            self.stdout.write(f"Administrator {email} was made. Password, shown once: {password}")


def _check_admin(email: str, password: str) -> None:
    """Refuse before anything is written what cannot become an administrator."""
    if password and not email:
        raise CommandError("--admin-password needs --admin-email.")
    try:
        if email:
            validate_email(email)
        if password:
            validate_password(password)
    except ValidationError as error:
        raise CommandError(f"The administrator: {' '.join(error.messages)}")
