import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from catalog.search.evaluation import UnreadableQueries, find, mean, measure, read_queries


class Command(BaseCommand):
    help = "Measure the search with a file of queries and the imported ids that each should find."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file",
            help='JSON: [{"query", "expected": [ids]}] or [{"query", "ratings": {id: grade}}].',
        )
        parser.add_argument("--output", help="A file to write {query: [ten ids]} into.")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401
        try:
            records = json.loads(Path(options["file"]).read_text(encoding="utf-8"))
            queries = read_queries(records)
        except OSError as error:
            raise CommandError(f"{error.strerror}: {error.filename}")
        except (ValueError, UnreadableQueries) as error:
            raise CommandError(f"{options['file']}: {error}")
        if not queries:
            raise CommandError("The file has no queries.")
        answers, measures = {}, defaultdict(list)
        for record, judged in zip(records, tqdm(queries, desc="Queries"), strict=True):
            answers[judged.query] = find(judged.query)
            measures[str(record.get("kind", ""))].append(measure(judged, answers[judged.query]))
        self._print(measures)
        if options["output"]:
            Path(options["output"]).write_text(json.dumps(answers, indent=1, ensure_ascii=False))

    def _print(self, measures: dict[str, list[dict[str, float]]]) -> None:
        for kind, rows in measures.items() if len(measures) > 1 else ():
            self.stdout.write(f"{_line(mean(rows))}  {len(rows):>5,}  {kind}")
        rows = [row for group in measures.values() for row in group]
        self.stdout.write(f"{_line(mean(rows))}  {len(rows):>5,}  queries")


def _line(figures: dict[str, float]) -> str:
    return "  ".join(f"{name}@10 {figure:.4f}" for name, figure in figures.items())
