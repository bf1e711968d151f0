"""Every product with active variants is read once, in batches that each commit."""

from django.db import migrations, transaction

BATCH = 500


def fill(apps, schema_editor):
    products = apps.get_model("catalog", "Product").objects.order_by("pk")
    last = 0
    while batch := list(products.filter(pk__gt=last).only("attribute_values")[:BATCH]):
        with transaction.atomic(using=schema_editor.connection.alias):
            fill_batch(apps, batch)
        last = batch[-1].pk


def fill_batch(apps, batch):
    found = {product.pk: set() for product in batch}
    variants = apps.get_model("catalog", "Variant").objects.filter(is_active=True)
    of_batch = variants.filter(product__in=batch).values_list("product_id", "attributes")
    for product_id, attributes in of_batch:
        for name, value in attributes.items():
            pair = " ".join(name.split()), " ".join(str(value).split())
            if 0 < len(pair[0]) <= 50 and 0 < len(pair[1]) <= 200:
                found[product_id].add(pair)
    for product in batch:
        lines = sorted(f"{name}\t{value}" for name, value in found[product.pk])
        product.attribute_values = "\n".join(lines)
    rows = apps.get_model("catalog", "ProductAttribute")
    rows.objects.filter(product__in=batch).delete()  # of a run that was broken off
    rows.objects.bulk_create(
        rows(product_id=product_id, name=name, value=value)
        for product_id, pairs in found.items()
        for name, value in sorted(pairs)
    )
    type(batch[0]).objects.bulk_update(batch, ["attribute_values"])


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("catalog", "0006_attributes_and_queries")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
