"""Plain makers of people."""

from itertools import count

from accounts.models import Address, User
from accounts.services.tokens import issue_tokens

_numbers = count(1)
PASSWORD = "a-Long-passw0rd"


def make_user(**fields):
    number = next(_numbers)
    fields = {"email": f"person{number}@example.com", "password": PASSWORD} | fields
    return User.objects.create_user(**fields)


def make_staff(**fields):
    return make_user(**{"is_staff": True, "is_superuser": True} | fields)


def make_address(user, **fields):
    fields = {
        "full_name": "Asha Rao",
        "phone_number": "+919876543210",
        "address_line1": "12 MG Road",
        "city": "Bengaluru",
        "state": "KA",
        "postal_code": "560001",
        "country": "IN",
    } | fields
    return Address.objects.create(user=user, **fields)


def sign_in(api, user):
    """Give the client a real access token of the user's; return the pair."""
    pair = issue_tokens(user)
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {pair.access}")
    return pair
