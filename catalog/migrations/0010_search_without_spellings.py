from django.db import migrations, models

LIKE = "catalog_searchword_word_fb48ee13_like"
# Words are compared by their signs, which finds what begins so in any locale of the database.
FORWARDS = [
    f"DROP INDEX IF EXISTS {LIKE}",
    'ALTER TABLE catalog_searchword ALTER COLUMN word TYPE varchar(64) COLLATE "C"',
]
BACKWARDS = [
    'ALTER TABLE catalog_searchword ALTER COLUMN word TYPE varchar(64) COLLATE "default"',
    f"CREATE INDEX IF NOT EXISTS {LIKE} ON catalog_searchword (word varchar_pattern_ops)",
]


def by_signs(apps, schema_editor):
    run(schema_editor, FORWARDS)


def by_locale(apps, schema_editor):
    run(schema_editor, BACKWARDS)


def run(schema_editor, statements):
    if schema_editor.connection.vendor == "postgresql":
        for statement in statements:
            schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0009_stocked_thumbnails_and_blocked_queries"),
    ]

    operations = [
        migrations.DeleteModel(name="SearchSpelling"),
        migrations.AlterField(
            model_name="searchword",
            name="frequency",
            field=models.PositiveIntegerField(db_index=True, default=0),
        ),
        migrations.RunPython(by_signs, by_locale),
    ]
