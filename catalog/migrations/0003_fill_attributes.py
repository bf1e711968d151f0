"""Every variant that is active is read once, in batches that each commit."""

from django.db import migrations, transaction

BATCH = 1000


def fill(apps, schema_editor):
    variants = apps.get_model("catalog", "Variant").objects.filter(is_active=True).order_by("pk")
    attributes = apps.get_model("catalog", "ProductAttribute").objects
    last = 0
    while batch := list(
        variants.filter(pk__gt=last).values_list("pk", "product_id", "attributes")[:BATCH]
    ):
        rows = {
            (product_id, name, str(value).strip()[:200])
            for _, product_id, pairs in batch
            for name, value in pairs.items()
            if 0 < len(name) <= 50
        }
        with transaction.atomic(using=schema_editor.connection.alias):
            attributes.bulk_create(
                (
                    attributes.model(product_id=product_id, name=name, value=value)
                    for product_id, name, value in sorted(rows)
                    if value
                ),
                ignore_conflicts=True,
            )
        last = batch[-1][0]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("catalog", "0002_attributes_and_queries")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
