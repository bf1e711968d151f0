import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

BATCH = 2000


def watch_what_is_sold(apps, schema_editor):
    """Give the stocks that are there their thresholds, and open the alerts that follow."""
    Stock = apps.get_model("catalog", "Stock")
    StockAlert = apps.get_model("catalog", "StockAlert")
    sold = Stock.objects.filter(variant__is_active=True, variant__product__is_active=True)
    rows = sold.select_related("variant").order_by("pk")
    last = 0
    while stocks := list(rows.filter(pk__gt=last)[:BATCH]):
        for stock in stocks:
            stock.alert_threshold = stock.variant.low_stock_threshold
        Stock.objects.bulk_update(stocks, ["alert_threshold"])
        StockAlert.objects.bulk_create(
            StockAlert(variant_id=stock.pk, open_for_id=stock.pk, stock_when_opened=left)
            for stock in stocks
            if (left := stock.on_hand - stock.reserved) <= stock.alert_threshold
        )
        last = stocks[-1].pk


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0003_reviews_likes_and_stock_requests"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="stock",
            name="alert_threshold",
            field=models.PositiveIntegerField(blank=True, editable=False, null=True),
        ),
        migrations.AlterField(
            model_name="stockmovement",
            name="kind",
            field=models.CharField(
                choices=[
                    ("IN", "Received"),
                    ("OUT", "Taken out"),
                    ("ADJUSTMENT", "Counted"),
                    ("RETURN", "Returned"),
                    ("DAMAGE", "Damaged"),
                    ("RESERVE", "Promised to an order"),
                    ("RELEASE", "Promise ended"),
                    ("SALE", "Shipped"),
                    ("CORRECTION", "Corrected"),
                ],
                max_length=10,
            ),
        ),
        migrations.CreateModel(
            name="StockAlert",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("stock_when_opened", models.PositiveIntegerField()),
                (
                    "created_at",
                    models.DateTimeField(db_index=True, default=django.utils.timezone.now),
                ),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("acknowledged_at", models.DateTimeField(blank=True, null=True)),
                (
                    "acknowledged_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "open_for",
                    models.OneToOneField(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="open_alert",
                        to="catalog.variant",
                    ),
                ),
                (
                    "variant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="alerts",
                        to="catalog.variant",
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at", "-id"],
            },
        ),
        migrations.RunPython(watch_what_is_sold, migrations.RunPython.noop),
    ]
