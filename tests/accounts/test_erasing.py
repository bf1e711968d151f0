"""A person who was erased stays so, and staff erase who asks them to."""

from importlib import import_module
from io import StringIO

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, models, transaction

from accounts.errors import TokenNotValid, WrongCredentials
from accounts.models import ERASED, AuditEntry, Seller, User
from accounts.services import sessions
from accounts.services.passwords import set_password
from accounts.services.profiles import erase_user
from accounts.services.tokens import issue_tokens, rotate_token
from carts.models import Cart
from carts.services.access import Caller, open_cart
from carts.services.merging import merge_carts
from carts.services.wishlist import add_wish
from catalog.models import StockRequest
from catalog.services.sellers import update_seller
from catalog.services.stock_requests import request_notice
from config.errors import NotFound
from notifications.models import EventRecord, Message
from notifications.services.preferences import set_preferences
from orders.models import Order
from tests.catalog.factories import make_product, make_variant
from tests.orders.factories import make_cart, make_placed_order

from .factories import make_address, make_staff, make_user
from .test_admin import LIST, change_form

pytestmark = pytest.mark.django_db

# Columns that stay, and why they may.
KEPT = {
    "id": "orders hang on it",
    "password": "one that nothing opens",
    "membership": "the lowest, for everybody",
    "language": "the default, for everybody",
    "is_seller": "products hang on the closed shop",
    "date_joined": "for counts of customers; of nobody in particular",
    "erased_at": "when it was",
}


def erased(user):
    user = User.objects.get(pk=user.pk)
    return all(getattr(user, name) == value for name, value in ERASED.items())


@pytest.fixture
def asha():
    return make_user(
        email="asha@example.com", first_name="Asha", phone="+919876543210", email_verified=True
    )


def test_every_column_of_a_person_is_emptied_or_kept_for_a_reason():
    names = {field.name for field in User._meta.concrete_fields}
    assert names == ERASED.keys() | KEPT.keys()


def test_what_is_kept_of_an_erased_person_tells_nothing(asha):
    User.objects.update(membership="gold", language="hi")
    before = User.objects.get()
    erase_user(user_id=asha.pk)
    after = User.objects.get()
    assert erased(after)
    assert (after.membership, after.language) == ("bronze", "en")
    assert after.password != before.password
    assert not after.has_usable_password()


def test_a_copy_that_was_loaded_before_brings_nothing_back(asha):
    stale = User.objects.get()
    erase_user(user_id=asha.pk)
    stale.first_name = "Asha again"
    with pytest.raises(IntegrityError), transaction.atomic():
        stale.save()
    assert erased(asha)


def test_control_a_save_that_writes_every_column_brings_all_back(asha):
    stale = User.objects.get()
    erase_user(user_id=asha.pk)
    models.Model.save(stale)
    assert not erased(asha)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("email", "asha@example.com"),
        ("phone", "+919876543210"),
        ("first_name", "Asha"),
        ("date_of_birth", "1990-01-01"),
        ("external_id", "17"),
        ("is_active", True),
        ("is_superuser", True),
    ],
)
def test_the_database_takes_nothing_back_column_by_column(asha, column, value):
    stale = User.objects.get()
    erase_user(user_id=asha.pk)
    setattr(stale, column, value)
    with pytest.raises(IntegrityError), transaction.atomic():
        stale.save(update_fields=[column])
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=asha.pk).update(**{column: value})
    assert erased(asha)


def test_a_copy_of_a_deleted_row_makes_no_new_one(asha):
    stale = User.objects.get()
    User.objects.all().delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        stale.save()
    assert not User.objects.exists()


def test_who_is_there_is_saved_as_ever(asha):
    asha.first_name = "Asha Rani"
    asha.save()
    part = User.objects.only("last_name").get()
    part.last_name = "Rao"
    part.save()
    saved = User.objects.get()
    assert (saved.full_name, saved.erased_at) == ("Asha Rani Rao", None)


def test_an_order_that_was_erased_takes_no_name_back():
    order = make_placed_order(email="guest@example.com")
    Order.objects.update(status="cancelled")
    stale = Order.objects.get(pk=order.pk)
    call_command("erase_person", "guest@example.com", stdout=StringIO())
    with pytest.raises(IntegrityError), transaction.atomic():
        stale.save()
    assert Order.objects.get(pk=order.pk).email == ""


def test_erasing_twice_tells_of_it_once(asha):
    for _ in range(2):
        erase_user(user_id=asha.pk)
    assert EventRecord.objects.filter(type="customer.deleted").count() == 1


def test_nothing_is_written_for_somebody_who_was_erased_meanwhile(asha):
    guests = make_cart(make_variant())
    gone = make_variant(on_hand=0)
    variant = make_variant()
    erase_user(user_id=asha.pk)
    stale = asha
    wish = {"product_id": gone.product_id, "variant_id": None}
    for call in (
        lambda: open_in_transaction(stale),
        lambda: make_placed_order(user=stale, variants=[variant]),
        lambda: add_wish(user=stale, product_id=variant.product_id),
        lambda: request_notice(**wish, email="asha@example.com", user=stale),
        lambda: merge_carts(user_id=stale.pk, guest_cart_id=guests.pk),
    ):
        with pytest.raises(TokenNotValid):
            call()
    with pytest.raises(WrongCredentials):
        sessions.enter(stale, [])
    with pytest.raises(User.DoesNotExist):
        set_password(user_id=stale.pk, new_hash="x")
    with pytest.raises(NotFound):
        set_preferences(user_id=stale.pk, changes={"promotions": {"email": True}})
    assert not Order.objects.exists()
    assert not StockRequest.objects.exists()
    assert not Cart.objects.filter(user=stale).exclude(items__variant=variant).exists()
    assert erased(asha)


@transaction.atomic
def open_in_transaction(user):
    open_cart(Caller(user=user))


def test_who_refreshes_a_token_is_seen(asha):
    User.objects.update(last_login=None)
    rotate_token(refresh=issue_tokens(asha).refresh)
    assert User.objects.get().last_login is not None


def test_of_a_shop_its_products_keep_no_more_than_they_need(asha):
    seller = Seller.objects.create(user=asha, slug="asha", name="Asha Mugs", description="Hers")
    make_product(seller=seller)
    erase_user(user_id=asha.pk)
    seller.refresh_from_db()
    assert (seller.name, seller.slug) == ("Former seller", f"former-seller-{seller.pk}")
    assert (seller.description, seller.logo.name) == ("", "")


def test_a_shop_that_was_closed_gets_no_name_again(client, asha):
    seller = Seller.objects.create(user=asha, slug="asha", name="Asha Mugs")
    make_product(seller=seller)
    erase_user(user_id=asha.pk)
    with pytest.raises(NotFound):
        update_seller(seller_id=seller.pk, fields={"name": "Asha Mugs", "slug": "asha"})
    client.force_login(make_staff())
    page = f"/admin/accounts/seller/{seller.pk}/change/"
    assert client.get(page).status_code == 200
    assert client.post(page, {"name": "Asha Mugs", "slug": "asha"}).status_code == 403
    seller.refresh_from_db()
    assert seller.name == "Former seller"


def test_the_log_of_the_admin_names_no_address_of_a_mail_that_was_sent_again(client, asha):
    former = {"kind": "contact_replaced", "recipient": "former@example.com", "user": asha}
    message = Message.objects.create(cause="c", status="given_up", **former)
    client.force_login(make_staff())
    page = f"/admin/notifications/message/{message.pk}/send-again/"
    client.post(page, {"_form_submitted": "on"})
    assert LogEntry.objects.get().object_repr == "contact replaced by e-mail"


def test_the_admin_session_of_erased_staff_ends_and_no_other(client):
    staff, other = make_staff(), make_staff()
    for person in (staff, other):
        client.force_login(person)
        client.cookies.clear()
    erase_user(user_id=staff.pk)
    (left,) = Session.objects.all()
    assert left.get_decoded()["_auth_user_id"] == str(other.pk)


# Staff


SENT = {"_form_submitted": "on", "word": "Erase"}


def erase_page(user):
    return f"{LIST}{user.pk}/erase/"


def test_staff_erase_a_person_by_a_dialog_that_asks_first(client, asha):
    staff = make_staff()
    client.force_login(staff)
    make_address(asha)
    assert "Erase this person" in client.get(f"{LIST}{asha.pk}/change/").content.decode()
    assert "for ever" in client.get(erase_page(asha)).content.decode()
    assert not erased(asha)
    refused = client.post(erase_page(asha), SENT | {"word": "yes"})
    assert "to erase this person for ever" in refused.content.decode()
    assert not erased(asha)
    answer = client.post(erase_page(asha), SENT)
    assert answer["HX-Redirect"] == LIST
    assert erased(asha)
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_repr) == (staff, f"Erased person {str(asha.pk)[:8]}")
    page = client.get(f"{LIST}{asha.pk}/change/")
    assert page.status_code == 200
    assert "Erase this person" not in page.content.decode()
    assert client.post(f"{LIST}{asha.pk}/change/", change_form(asha)).status_code == 403
    assert client.post(erase_page(asha), SENT).status_code == 403
    assert erased(asha)


def test_who_may_not_erase_people_does_not(client, asha):
    clerk, other_staff = make_user(is_staff=True), make_user(is_staff=True)
    may = Permission.objects.filter(codename__in=["view_user", "change_user"])
    clerk.user_permissions.set(may)
    client.force_login(clerk)
    assert "Erase this person" not in client.get(f"{LIST}{asha.pk}/change/").content.decode()
    assert client.post(erase_page(asha), SENT).status_code == 403
    clerk.user_permissions.add(Permission.objects.get(codename="erase_user"))
    for person in (clerk, other_staff):
        assert client.post(erase_page(person), SENT).status_code == 403
        person.refresh_from_db()
        assert person.is_active
    assert not erased(asha)
    assert client.post(erase_page(asha), SENT).status_code == 200
    assert erased(asha)


@pytest.mark.parametrize("key", ["1d3bd0b4-6b6f-4f6c-8a3e-0f4f8f5a1a11", "nobody"])
def test_nobody_is_not_found(client, key):
    client.force_login(make_staff())
    assert client.get(f"{LIST}{key}/erase/").status_code == 404
    assert client.post(f"{LIST}{key}/change/", {}).status_code in (302, 404)


def run(*arguments):
    out = StringIO()
    call_command("erase_person", *arguments, stdout=out)
    return [line.split(maxsplit=1) for line in out.getvalue().splitlines()[1:]]


def test_the_command_erases_an_account_and_what_was_left_without_one(asha):
    make_placed_order(email="ASHA@example.com")
    make_placed_order(email="other@example.com")
    nothing = [
        ["0", "codes without an account"],
        ["0", "messages without an account"],
        ["0", "orders without an account"],
        ["0", "stock requests without an account"],
    ]
    counted = [["1", "account"], *nothing]
    counted[3] = ["1", "orders without an account"]
    for _ in range(2):
        assert run("Asha@example.com", "--dry-run") == counted
    assert not erased(asha)
    assert not Order.objects.filter(erases_at_end=True).exists()
    assert run("Asha@example.com") == counted
    assert erased(asha)
    entry = AuditEntry.objects.get()
    assert (entry.object_id, entry.action, entry.source) == (str(asha.pk), "erased", "command")
    (order,) = Order.objects.filter(erases_at_end=True)
    assert order.email == "ASHA@example.com"
    assert run("nobody@example.com") == [["0", "account"], *nothing]


def test_erasures_from_before_are_marked_by_the_migration(asha):
    erase_user(user_id=asha.pk)
    there = make_user()
    User.objects.filter(pk=asha.pk).update(erased_at=None)
    migration = import_module("accounts.migrations.0005_privacy")
    migration.mark_the_erased(apps, schema_editor=None)
    assert User.objects.get(pk=asha.pk).erased_at is not None
    assert User.objects.get(pk=there.pk).erased_at is None
