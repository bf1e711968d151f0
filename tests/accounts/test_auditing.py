"""What the audit trail holds of a change, and what never gets into it."""

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.http import StreamingHttpResponse

from accounts.models import AuditEntry, TrailFixed, User
from accounts.services.auditing import audited, record, track
from accounts.services.passwords import set_password
from carts.models import TaxRate
from carts.services.terms import save_row
from catalog.models import StockMovement, Tag, Variant
from catalog.services.bulk_products import create_products
from catalog.services.products import (
    delete_product,
    flag_products,
    update_product,
)
from catalog.services.stock import record_movement
from config import acting
from config.audit import MASK, audited_models, told, values_of
from config.errors import InvalidInput
from config.middleware import ActingMiddleware
from orders.services.editing import edit_order
from orders.services.lifecycle import Actor, advance_order
from tests.carts.factories import make_tax_rate
from tests.catalog.factories import make_category, make_product, make_variant
from tests.orders.factories import ADDRESS, make_paid_order, make_placed_order

from .factories import make_address, make_staff, make_user
from .threads import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff():
    """A member of staff, in whose name the test acts."""
    user = make_staff()
    with acting.acting(acting.API, lambda: user):
        yield user


def trail():
    rows = AuditEntry.objects.order_by("pk")
    return [(row.model, row.object_name, row.action, row.changes) for row in rows]


def test_only_what_changed_is_told_with_before_and_after(staff):
    variant = make_variant(price="100.00", sku="MUG")
    product = variant.product
    fields = {"name": "Cup", "featured": product.featured, "price": "90.5"}
    update_product(product_id=product.pk, actor=staff, fields=fields)
    assert trail() == [
        ("catalog.product", product.slug, "changed", {"name": [product.name, "Cup"]}),
        ("catalog.variant", "MUG", "changed", {"price": ["100", "90.5"]}),
    ]
    entry = AuditEntry.objects.get(model="catalog.product")
    assert (entry.actor, entry.source, entry.object_id) == (staff, "api", str(product.pk))


def test_what_is_new_and_what_is_gone_are_told_whole(staff):
    rate = save_row(TaxRate(), {"country": "IN", "rate": 18, "tax_class": "standard"})
    with transaction.atomic(), audited():
        track(TaxRate.objects.get()).delete()
    whole = {"country": "IN", "tax_class": "standard", "rate": "18", "is_active": True}
    assert trail() == [
        ("carts.taxrate", str(rate), "created", {k: [None, v] for k, v in whole.items()}),
        ("carts.taxrate", str(rate), "deleted", {k: [v, None] for k, v in whole.items()}),
    ]
    assert len(set(AuditEntry.objects.values_list("object_id", flat=True))) == 1


def test_of_lists_it_tells_who_left_and_who_came(staff):
    product = make_variant().product
    old, kept = (Tag.objects.create(name=name, slug=name) for name in ("old", "kept"))
    product.tags.set([old, kept])
    update_product(product_id=product.pk, actor=staff, fields={"tags": ["kept", "fresh"]})
    assert trail() == [
        ("catalog.product", product.slug, "changed", {"tags": [["old"], ["fresh"]]}),
        (
            "catalog.tag",
            "fresh",
            "created",
            {"name": [None, "fresh"], "slug": [None, "fresh"]},
        ),
    ]
    assert set(product.tags.values_list("name", flat=True)) == {"kept", "fresh"}


def test_a_row_that_a_service_reads_twice_has_one_entry(staff):
    order = make_paid_order()
    edit_order(order_id=order.pk, actor=Actor.of(staff), to_status="processing", staff_note="Hm")
    ((model, name, action, changes),) = trail()
    assert (model, name, action) == ("orders.order", order.number, "processing")
    assert changes == {"staff_note": ["", MASK], "status": ["confirmed", "processing"]}


def test_personal_values_and_secrets_are_masked(staff):
    user = make_user(first_name="Asha")
    set_password(user_id=user.pk, new_hash="argon2$hidden")
    order = make_placed_order()
    address = {**ADDRESS, "full_name": "Ravi Das"}
    edit_order(order_id=order.pk, actor=Actor.of(staff), shipping_address=address)
    assert trail() == [
        ("accounts.user", "", "password_set", {"password": [MASK, MASK]}),
        ("orders.order", order.number, "changed", {"shipping_address": [MASK, MASK]}),
    ]
    assert told(User.audit, None, values_of(user))["first_name"] == [None, MASK]


def test_of_a_model_that_says_nothing_about_the_trail_nothing_is_told(staff):
    address = make_address(make_user())
    with transaction.atomic(), audited():
        track(address).city = "Mysuru"
    assert trail() == [("accounts.address", "", "changed", {"city": [MASK, MASK]})]


SECRET = ("password", "secret", "token", "seed", "key")
PERSONAL = (
    *("email", "phone", "first_name", "last_name", "date_of_birth", "address", "recipient"),
    *("tracking", "reason", "error"),
)


def test_no_model_of_the_trail_tells_a_secret_or_a_person():
    told_fields = {
        f"{model._meta.label}.{field.name}"
        for model in audited_models()
        if hasattr(model, "audit")
        for field in model._meta.concrete_fields
        if not model.audit.is_masked(field.name) and field.name not in model.audit.skipped
    }
    words = SECRET + PERSONAL
    wrong = {name for name in told_fields if any(word in name.split(".")[-1] for word in words)}
    # Whether, not what; and columns that the database keeps are never read.
    assert wrong == {
        "accounts.User.email_verified",
        "accounts.User.phone_verified",
        "orders.Order.email_key",
    }
    assert "email_key" not in values_of(make_placed_order())


def test_a_save_that_changes_nothing_leaves_no_entry(staff):
    variant = make_variant(price="100.00")
    product = variant.product
    fields = {"name": product.name, "price": "100", "tags": []}
    update_product(product_id=product.pk, actor=staff, fields=fields)
    save_row(make_tax_rate(rate="18"), {"rate": "18.0"})
    assert trail() == []


def test_what_is_refused_or_undone_leaves_no_entry(staff):
    product = make_variant().product
    fields = {"name": "Cup", "variants": []}
    with pytest.raises(InvalidInput):
        update_product(product_id=product.pk, actor=staff, fields=fields, replace=True)
    with transaction.atomic():
        update_product(product_id=product.pk, actor=staff, fields={"name": "Cup"})
        assert AuditEntry.objects.exists()
        transaction.set_rollback(True)
    product.refresh_from_db()
    assert product.name != "Cup"
    assert trail() == []


def test_what_fails_within_a_larger_service_is_forgotten_alone(staff):
    one, two = make_tax_rate(state="KA"), make_tax_rate(state="DL")
    with transaction.atomic(), audited():
        save_row(one, {"rate": "5"})
        with pytest.raises(InvalidInput):
            save_row(two, {"rate": "500"})
    assert [row[1] for row in trail()] == [str(one)]


def test_a_product_that_was_ordered_is_archived_and_says_so(staff):
    product = make_placed_order().lines.get().product
    delete_product(product_id=product.pk)
    ((_, name, action, changes),) = trail()
    assert (name, action, set(changes)) == (product.slug, "archived", {"is_active", "archived_at"})


def test_a_movement_of_stock_is_named(staff):
    variant = make_variant(on_hand=5)
    record_movement(variant_id=variant.pk, kind="OUT", quantity=2, recorded_by=staff)
    ((model, name, action, changes),) = trail()
    assert (model, name, action) == ("catalog.stockmovement", "OUT 2", "created")
    assert (changes["variant"], changes["on_hand_change"]) == ([None, variant.pk], [None, -2])
    assert AuditEntry.objects.get().object_id == str(StockMovement.objects.get().pk)


def test_customers_sellers_and_the_shop_leave_no_entry():
    product = make_variant().product
    for caller in (None, make_user(), make_user(is_seller=True)):
        with acting.acting(acting.API, lambda caller=caller: caller):
            update_product(product_id=product.pk, actor=caller, fields={"name": f"By {caller}"})
    update_product(product_id=product.pk, actor=None, fields={"name": "By a task"})
    assert trail() == []


def test_staff_whose_rights_are_withheld_are_no_staff(settings):
    settings.STAFF_TWO_FACTOR_REQUIRED = True
    user = make_staff()
    user.withhold_staff_rights()
    with acting.acting(acting.API, lambda: user):
        save_row(make_tax_rate(), {"rate": "5"})
    assert trail() == []


def test_a_command_is_written_down_without_a_person():
    with acting.acting(acting.COMMAND):
        save_row(make_tax_rate(), {"rate": "5"})
    entry = AuditEntry.objects.get()
    assert (entry.source, entry.actor, entry.request_id) == ("command", None, "")


def test_a_file_that_a_command_imports_is_written_down(tmp_path):
    make_variant(sku="MUG", on_hand=5)
    file = tmp_path / "stock.csv"
    file.write_text("sku,counted\nMUG,3\n")
    call_command("import_stock_csv", str(file))
    entry = AuditEntry.objects.get()
    assert (entry.source, entry.object_name) == ("command", "ADJUSTMENT -2")


def test_the_trail_belongs_to_a_transaction(staff, transactional_db):
    with pytest.raises(transaction.TransactionManagementError), audited():
        pass


class TestWhoActs:
    def test_is_forgotten_after_the_call_also_where_it_failed(self, rf):
        def view(request):
            assert acting.current.get().user() == "somebody"
            raise RuntimeError

        request = rf.get("/admin/")
        request.user = "somebody"
        with pytest.raises(RuntimeError):
            ActingMiddleware(view)(request)
        assert acting.current.get() is None

    def test_is_not_known_while_an_answer_is_streamed(self, rf):
        def body():
            yield str(acting.current.get())

        response = ActingMiddleware(lambda request: StreamingHttpResponse(body()))(rf.get("/"))
        assert b"".join(response.streaming_content) == b"None"

    def test_is_known_to_its_own_thread_alone(self, staff):
        assert at_once(2, lambda index: acting.current.get()) == [None, None]

    @pytest.mark.parametrize(("path", "source"), [("/api/v1/tags/", "api"), ("/admin/", "admin")])
    def test_tells_where_the_call_came_in(self, rf, path, source):
        seen = []
        ActingMiddleware(lambda request: seen.append(acting.current.get().source))(rf.get(path))
        assert seen == [source]

    def test_a_session_of_the_admin_counts_for_nothing_in_the_api(self, client):
        client.force_login(make_staff())
        assert client.post("/api/v1/tags/", {"name": "Eco"}).status_code == 401
        assert not Tag.objects.exists()
        assert trail() == []


class TestCost:
    def count(self, call):
        with connection.execute_wrapper(lambda run, *args: (seen.append(args[0]), run(*args))[1]):
            seen = []
            call()
        return [text for text in seen if not text.startswith(("SAVEPOINT", "RELEASE"))]

    @pytest.mark.parametrize("change", ["rate", "product", "order", "tags"])
    def test_a_write_costs_one_query_more(self, change):
        user = make_staff()

        def write():
            if change == "rate":
                row = make_tax_rate(tax_class=f"class {TaxRate.objects.count()}")
                return lambda: save_row(row, {"rate": "5"})
            if change == "order":
                pk = make_paid_order().pk
                actor = Actor.of(user)
                return lambda: advance_order(order_id=pk, to_status="processing", actor=actor)
            pk = make_variant().product_id
            fields = {"name": "Cup", "price": "7"} if change == "product" else {"tags": ["eco"]}
            return lambda: update_product(product_id=pk, actor=user, fields=fields)

        Tag.objects.create(name="eco", slug="eco")
        without = self.count(write())
        with acting.acting(acting.API, lambda: user):
            within = self.count(write())
        assert len(within) == len(without) + 1
        (insert,) = (text for text in within if "accounts_auditentry" in text)
        assert insert.startswith("INSERT")
        assert not any("accounts_auditentry" in text for text in without)

    def test_many_products_at_once_cost_as_much_as_one(self, staff):
        def flag(number):
            ids = [make_product(is_active=True).pk for _ in range(number)]
            seen = self.count(lambda: flag_products(product_ids=ids, flag="featured", value=True))
            return sum("accounts_auditentry" in text for text in seen)

        assert (flag(1), flag(20)) == (1, 1)
        assert AuditEntry.objects.count() == 21
        assert AuditEntry.objects.first().changes == {"featured": [False, True]}

    def test_new_products_of_an_import_are_written_together(self, staff):
        category = make_category().pk
        many = [
            {
                "name": f"Cup {number}",
                "slug": f"cup-{number}",
                "category": category,
                "tags": ["eco"],
                "variants": [{"sku": f"CUP-{number}", "price": 1, "stock": 3}],
            }
            for number in range(20)
        ]
        seen = self.count(lambda: create_products(actor=staff, many=many))
        assert sum("accounts_auditentry" in text for text in seen) == 1
        rows = {(model, name, action): changes for model, name, action, changes in trail()}
        assert len(rows) == 41  # and the tag
        assert rows["catalog.product", "cup-7", "created"]["tags"] == [[], ["eco"]]
        ids = AuditEntry.objects.filter(model="catalog.variant").values_list("object_id", flat=True)
        assert set(ids) == {str(pk) for pk in Variant.objects.values_list("pk", flat=True)}


class TestFixed:
    @pytest.fixture
    def entry(self, staff):
        record(make_tax_rate(), "looked_at")
        return AuditEntry.objects.get()

    def test_code_changes_and_deletes_nothing(self, entry):
        entry.action = "other"
        rows = AuditEntry.objects.all()
        for call in (
            entry.save,
            entry.delete,
            rows.delete,
            lambda: rows.update(action="other"),
            lambda: AuditEntry.objects.bulk_update([entry], ["action"]),
        ):
            with pytest.raises(TrailFixed), transaction.atomic():
                call()
        assert AuditEntry.objects.get().action == "looked_at"

    def test_who_stands_in_it_cannot_be_deleted(self, entry, staff):
        with pytest.raises(IntegrityError):
            staff.delete()
        assert User.objects.filter(pk=staff.pk).exists()

    @pytest.mark.parametrize(
        "statement",
        ["UPDATE accounts_auditentry SET action = 'x'", "DELETE FROM accounts_auditentry"],
    )
    def test_the_database_refuses_as_well(self, entry, statement):
        migration = __import__("accounts.migrations.0003_audit_trail", fromlist=["SQLITE"])
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "sqlite":  # the suite itself must be able to clean up
                cursor.execute(migration.SQLITE[1])
            with pytest.raises(DatabaseError, match="only added to"), transaction.atomic():
                cursor.execute(statement)
            if connection.vendor == "sqlite":
                cursor.execute("DROP TRIGGER audit_no_delete")
        assert AuditEntry.objects.get().action == "looked_at"
