from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from catalog.importing.statistics import refresh_after
from catalog.models import Product, SearchDocument
from catalog.search.rebuilding import index_all_products, recount_words


class Command(BaseCommand):
    help = "Bring the search index in line with the catalogue, beside a shop that runs."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401
        with tqdm(total=Product.objects.count(), desc="Products") as bar:
            changed = index_all_products(bar.update)
        with tqdm(total=SearchDocument.objects.count(), desc="Words") as bar:
            words = recount_words(bar.update)
        refresh_after(changed)
        self.stdout.write(
            f"{changed:,} products were indexed anew; the catalogue has {words:,} words."
        )
