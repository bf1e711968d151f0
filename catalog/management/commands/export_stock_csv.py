from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from catalog.models import Stock
from catalog.spreadsheets.commands import write_csv
from catalog.spreadsheets.exporting import stock_rows


class Command(BaseCommand):
    help = "Write what is in stock into a CSV file, with cells to fill in what was counted."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401
        stocks = Stock.objects.all()
        written = write_csv(options["file"], stock_rows(stocks), stocks.count())
        self.stdout.write(f"{written:,} stocks are in {options['file']}.")
