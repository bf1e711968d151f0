from django.db import migrations, models
from django.utils import timezone

ERASED = {
    "date_of_birth": None,
    "email": None,
    "email_key": None,
    "email_verified": False,
    "external_id": None,
    "external_source": "",
    "first_name": "",
    "is_active": False,
    "is_staff": False,
    "is_superuser": False,
    "last_login": None,
    "last_name": "",
    "phone": None,
    "phone_verified": False,
    "two_factor_enabled": False,
    "username": None,
    "username_key": None,
}


def mark_the_erased(apps, schema_editor):
    """Nothing else made a row that holds nothing and lets nobody in."""
    apps.get_model("accounts", "User").objects.filter(**ERASED).update(erased_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_seller_suspension"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="user",
            options={"permissions": [("erase_user", "Can erase a person")]},
        ),
        migrations.AddField(
            model_name="user",
            name="erased_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.RunPython(mark_the_erased, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(erased_at=None) | models.Q(**ERASED),
                name="user_erased_for_good",
            ),
        ),
    ]
