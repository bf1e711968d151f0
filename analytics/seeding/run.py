"""Fills a shop with believable goods, people and a past; what is there stays as it is."""

import sys
from collections import Counter
from secrets import token_urlsafe

from django.db import transaction
from tqdm import tqdm

from accounts.models import User
from accounts.services.roles import create_roles
from catalog.models import Product
from orders.services.popularity import refresh_popularity

from .catalogue import invent
from .orders import add_orders
from .people import SOURCE, add_customers
from .shop import set_up_shop
from .writing import write_catalogue

TEST_SOURCE = "test-data"
_TEST_PREFIX = "TD-"
_FEWEST_CUSTOMERS = 50
_ORDERS_A_CUSTOMER = 8


def seed_shop(*, products: int, orders: int, seed: int) -> Counter[str]:
    """Add what is missing of a shop with so many products and orders; return what was added."""
    added: Counter[str] = Counter()
    added["rows for shipping, tax and coupons"] = set_up_shop()
    added["rights of staff groups"] = create_roles().total()
    with tqdm(total=products, desc="Products", file=sys.stderr) as bar:
        invented = (invent(number, seed=seed) for number in range(1, products + 1))
        added["products"] = write_catalogue(invented, source=SOURCE, step=bar.update)
    people = max(_FEWEST_CUSTOMERS, orders // _ORDERS_A_CUSTOMER)
    added["customers"] = add_customers(people, seed=seed)
    with tqdm(total=orders, desc="Orders", file=sys.stderr) as bar:
        added["orders"] = add_orders(orders, seed=seed, step=bar.update)
    if added["orders"]:
        refresh_popularity()
    return added


def add_test_products(count: int) -> list[int]:
    """Add so many products more than there are; return their numbers."""
    there = Product.objects.filter(external_source=TEST_SOURCE)
    taken = [int(number or 0) for number in there.values_list("external_id", flat=True)]
    first = max(taken, default=0) + 1
    numbers = list(range(first, first + count))
    invented = (invent(number, seed=2, prefix=_TEST_PREFIX) for number in numbers)
    write_catalogue(invented, source=TEST_SOURCE)
    return numbers


@transaction.atomic
def make_admin(email: str, password: str = "") -> str | None:
    """Make an administrator and return the password; None where the e-mail is taken."""
    if User.objects.identified_by(email=email):
        return None
    password = password or token_urlsafe(15)
    User.objects.create_superuser(password, email=email, email_verified=True)
    return password
