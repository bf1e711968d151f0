import sys
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from catalog.models import Stock
from orders.services.inventory import BATCH, check_inventory


class Command(BaseCommand):
    help = (
        "Prove that every stock equals its ledger and what orders wait for, that products are "
        "shown as sold out when they are, and that alerts fit. The shop may sell meanwhile."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--fix", action="store_true", help="Repair by new rows of the ledger, and prove again."
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401
        counts = self._run("Proving", fix=options["fix"])
        if options["fix"] and counts["wrong"]:
            self.stdout.write(f"{_sum_up(counts)} Once more.")
            counts = self._run("Proving again", fix=False)
        if counts["wrong"]:
            raise CommandError(_sum_up(counts))
        self.stdout.write(f"All {Stock.objects.count():,} stocks are as their ledgers say.")

    def _run(self, label: str, *, fix: bool) -> Counter[str]:
        counts: Counter[str] = Counter()
        with tqdm(total=Stock.objects.count(), desc=label, unit=" stocks", file=sys.stderr) as bar:
            for finding in check_inventory(fix=fix, on_batch=lambda: bar.update(BATCH)):
                state = " (repaired)" if finding.is_repaired else ""
                self.stdout.write(f"{finding.subject}: {'; '.join(finding.faults)}{state}")
                counts["wrong"] += 1
                counts["repaired"] += finding.is_repaired
        return counts


def _sum_up(counts: Counter[str]) -> str:
    return f"{counts['wrong']:,} are wrong, {counts['repaired']:,} of them repaired."
