import django.db.models.deletion
from django.db import migrations, models

# The full-text index of each database over catalog_searchdocument, kept by the database itself.
FORWARDS = {
    # Cast, because the words are words already: a parser would take some apart again.
    "postgresql": [
        """ALTER TABLE catalog_searchdocument ADD COLUMN vector tsvector
        GENERATED ALWAYS AS ((name || codes || labels || body)::tsvector) STORED""",
        """CREATE INDEX search_document_vector ON catalog_searchdocument
        USING gin (vector) WITH (fastupdate = off)""",
    ],
    # "zz" before each word, because InnoDB leaves out short words and common English ones.
    "mysql": [
        """ALTER TABLE catalog_searchdocument
        MODIFY name LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
        MODIFY codes LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
        MODIFY labels LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
        MODIFY body LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL""",
        """ALTER TABLE catalog_searchdocument ADD COLUMN words
        LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin GENERATED ALWAYS AS
        (REPLACE(CONCAT(name, codes, labels, body), ' ', ' zz')) STORED""",
        "CREATE FULLTEXT INDEX search_document_words ON catalog_searchdocument (words)",
        """ALTER TABLE catalog_searchword
        MODIFY word VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL""",
    ],
    "sqlite": [
        """CREATE VIRTUAL TABLE catalog_searchindex USING fts5(
        name, codes, labels, body, content='catalog_searchdocument', content_rowid='product_id',
        tokenize="unicode61 remove_diacritics 0 categories 'L* M* N* Co'")""",
        """CREATE TRIGGER search_document_added AFTER INSERT ON catalog_searchdocument BEGIN
        INSERT INTO catalog_searchindex(rowid, name, codes, labels, body)
        VALUES (new.product_id, new.name, new.codes, new.labels, new.body); END""",
        """CREATE TRIGGER search_document_deleted AFTER DELETE ON catalog_searchdocument BEGIN
        INSERT INTO catalog_searchindex(catalog_searchindex, rowid, name, codes, labels, body)
        VALUES ('delete', old.product_id, old.name, old.codes, old.labels, old.body); END""",
        """CREATE TRIGGER search_document_changed AFTER UPDATE ON catalog_searchdocument BEGIN
        INSERT INTO catalog_searchindex(catalog_searchindex, rowid, name, codes, labels, body)
        VALUES ('delete', old.product_id, old.name, old.codes, old.labels, old.body);
        INSERT INTO catalog_searchindex(rowid, name, codes, labels, body)
        VALUES (new.product_id, new.name, new.codes, new.labels, new.body); END""",
    ],
}
# Columns, their indexes and triggers go with the table.
BACKWARDS = {"sqlite": ["DROP TABLE catalog_searchindex"]}


def create_index(apps, schema_editor):
    for statement in FORWARDS[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def drop_index(apps, schema_editor):
    for statement in BACKWARDS.get(schema_editor.connection.vendor, []):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("catalog", "0007_fill_attributes"),
    ]

    operations = [
        migrations.CreateModel(
            name="SearchDocument",
            fields=[
                (
                    "product",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="search_document",
                        serialize=False,
                        to="catalog.product",
                    ),
                ),
                ("name", models.TextField()),
                ("codes", models.TextField()),
                ("labels", models.TextField()),
                ("body", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="SearchRecount",
            fields=[
                ("product_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("counted", models.TextField()),
                ("changed_at", models.DateTimeField(auto_now=True)),
            ],
        ),
        migrations.CreateModel(
            name="SearchRename",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("words", models.TextField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="SearchSpelling",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="SearchWord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("word", models.CharField(max_length=64, unique=True)),
                ("frequency", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.AddIndex(
            model_name="product",
            index=models.Index(
                fields=["in_stock", "sold_count", "id"], name="product_by_relevance"
            ),
        ),
        migrations.AddField(
            model_name="searchspelling",
            name="word",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="spellings",
                to="catalog.searchword",
            ),
        ),
        migrations.AddConstraint(
            model_name="searchspelling",
            constraint=models.UniqueConstraint(
                fields=("key", "word"), name="search_spelling_unique"
            ),
        ),
        migrations.RunPython(create_index, drop_index, atomic=False),
    ]
