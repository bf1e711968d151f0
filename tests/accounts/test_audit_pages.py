"""The audit trail as staff read it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.services.auditing import record
from catalog.services.products import delete_product, update_product
from config import acting, request_ids
from tests.catalog.factories import make_variant

from .factories import make_staff, make_user

pytestmark = pytest.mark.django_db

LIST = "/admin/accounts/auditentry/"


@pytest.fixture
def staff(client):
    user = make_staff(email="ravi@example.com")
    client.force_login(user)
    with acting.acting(acting.ADMIN, lambda: user):
        yield user


def change_name(name, request_id="req-1"):
    product = make_variant(price="100.00").product
    token = request_ids.current.set(request_id)
    update_product(product_id=product.pk, actor=None, fields={"name": name, "price": "9.5"})
    request_ids.current.reset(token)
    return product


def page_of(entry):
    return f"{LIST}{entry.pk}/change/"


def found(client, **query):
    return list(client.get(LIST, query).context["cl"].result_list)


def test_an_entry_shows_before_and_after_and_leads_to_its_object(client, staff):
    product = change_name("<b>Cup</b>")
    entry = AuditEntry.objects.get(model="catalog.product")
    page = client.get(page_of(entry)).content.decode()
    assert product.name in page
    assert "&lt;b&gt;Cup&lt;/b&gt;" in page
    assert f'href="{reverse("admin:catalog_product_change", args=[product.pk])}"' in page
    assert "ravi@example.com" in page
    assert "req-1" in page


def test_what_is_gone_is_named_without_a_link(client, staff):
    product = change_name("Cup")
    delete_product(product_id=product.pk)
    page = client.get(page_of(AuditEntry.objects.get(action="deleted"))).content.decode()
    assert product.slug in page
    assert reverse("admin:catalog_product_change", args=[product.pk]) not in page


def test_the_list_is_searched_and_narrowed(client, staff):
    product, _ = change_name("Cup", "req-1"), change_name("Mug", "req-2")
    assert len(found(client)) == 4
    assert {row.request_id for row in found(client, q="req-2")} == {"req-2"}
    assert [row.object_id for row in found(client, q=product.slug)] == [str(product.pk)]
    assert {row.model for row in found(client, model="catalog.variant")} == {"catalog.variant"}
    assert len(found(client, q="ravi@")) == 4
    assert len(found(client, actor__id__exact=staff.pk)) == 4
    today, yesterday = (timezone.localdate() - timedelta(days=days) for days in (0, 1))
    assert len(found(client, created_at_from=today, created_at_to=today)) == 4
    assert found(client, created_at_to=yesterday) == []
    assert len(found(client, created_at_from="nonsense")) == 4


def test_every_object_leads_to_its_own_trail(client, staff):
    product, _ = change_name("Cup"), change_name("Mug")
    page = client.get(reverse("admin:catalog_product_change", args=[product.pk]))
    address = f"{LIST}?model=catalog.product&object_id__exact={product.pk}"
    assert address.replace("&", "&amp;") in page.content.decode()
    (entry,) = client.get(address).context["cl"].result_list
    assert entry.object_id == str(product.pk)


def test_the_list_costs_a_fixed_number_of_queries(client, staff, django_assert_max_num_queries):
    def cost():
        with django_assert_max_num_queries(20) as seen:
            assert client.get(LIST).status_code == 200
        return len(seen)

    change_name("Cup")
    first = cost()
    for name in "abcdef":
        change_name(name)
    assert cost() == first


def test_nobody_changes_it_and_few_read_it(client, staff):
    record(staff, "looked_at")
    entry = AuditEntry.objects.get()
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(page_of(entry), {"action": "other"}).status_code == 403
    assert client.post(f"{LIST}{entry.pk}/delete/", {"post": "yes"}).status_code == 403
    body = {"action": "delete_selected", "_selected_action": [entry.pk], "post": "yes"}
    client.post(LIST, body)
    assert AuditEntry.objects.get().action == "looked_at"
    reader = make_user(is_staff=True)
    client.force_login(reader)
    assert client.get(LIST).status_code == 403
    reader.user_permissions.add(Permission.objects.get(codename="view_auditentry"))
    assert client.get(LIST).status_code == 200


def test_what_a_former_version_wrote_is_still_shown(client, staff):
    AuditEntry.objects.create(source="api", action="frobbed", model="gone.thing", object_id="7")
    page = client.get(LIST)
    assert "gone.thing" in page.content.decode()
    assert "a command" in page.content.decode()
