"""What never had a piece, and what has its thumbnail, is told from the rows that are there."""

import django.utils.timezone
from django.db import migrations, models
from django.db.models import Exists, OuterRef
from django.utils import timezone


def note_never_stocked(apps, schema_editor):
    """Alerts of what never had a piece are closed: none would open now."""
    received = apps.get_model("catalog", "StockMovement").objects.filter(
        variant=OuterRef("pk"), on_hand_change__gt=0
    )
    empty = apps.get_model("catalog", "Stock").objects.filter(on_hand=0)
    empty.filter(~Exists(received)).update(was_stocked=False)
    alerts = apps.get_model("catalog", "StockAlert").objects
    alerts.filter(open_for__stock__was_stocked=False).update(
        open_for=None, closed_at=timezone.now()
    )


def note_made_thumbnails(apps, schema_editor):
    images = apps.get_model("catalog", "ProductImage").objects
    images.exclude(thumbnail="").update(thumbnail_due_at=None)


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0008_search"),
    ]

    operations = [
        migrations.AddField(
            model_name="productimage",
            name="thumbnail_attempts",
            field=models.PositiveSmallIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="productimage",
            name="thumbnail_due_at",
            field=models.DateTimeField(
                db_index=True, default=django.utils.timezone.now, editable=False, null=True
            ),
        ),
        migrations.AddField(
            model_name="stock",
            name="was_stocked",
            field=models.BooleanField(db_default=True, default=True, editable=False),
        ),
        migrations.AddField(
            model_name="suggestedquery",
            name="is_blocked",
            field=models.BooleanField(default=False),
        ),
        migrations.AddConstraint(
            model_name="stock",
            constraint=models.CheckConstraint(
                condition=models.Q(("on_hand", 0), ("was_stocked", True), _connector="OR"),
                name="stock_on_hand_was_stocked",
            ),
        ),
        migrations.RunPython(note_never_stocked, migrations.RunPython.noop),
        migrations.RunPython(note_made_thumbnails, migrations.RunPython.noop),
    ]
