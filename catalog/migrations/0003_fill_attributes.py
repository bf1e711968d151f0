"""Every product with active variants is read once, in batches that each commit."""

import json

from django.db import migrations, transaction

BATCH = 500


def fill(apps, schema_editor):
    products = apps.get_model("catalog", "Product").objects.filter(attribute_values="{}")
    variants = apps.get_model("catalog", "Variant").objects.filter(is_active=True)
    rows = apps.get_model("catalog", "ProductAttribute").objects
    last = 0
    while ids := list(
        products.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]
    ):
        found = {}
        of_batch = variants.filter(product__in=ids).values_list("product_id", "attributes")
        for product_id, attributes in of_batch:
            for name, value in attributes.items():
                text = str(value).strip()[:200]
                if text and 0 < len(name) <= 50:
                    found.setdefault(product_id, {}).setdefault(name, set()).add(text)
        batch = list(products.filter(pk__in=found).only("attribute_values"))
        for product in batch:
            by_name = found[product.pk]
            product.attribute_values = json.dumps(
                {name: sorted(by_name[name]) for name in sorted(by_name)}, ensure_ascii=False
            )
        with transaction.atomic(using=schema_editor.connection.alias):
            products.model.objects.bulk_update(batch, ["attribute_values"])
            rows.bulk_create(
                rows.model(product_id=product_id, name=name, value=value)
                for product_id, by_name in sorted(found.items())
                for name, values in by_name.items()
                for value in sorted(values)
            )
        last = ids[-1]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("catalog", "0002_attributes_and_queries")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
