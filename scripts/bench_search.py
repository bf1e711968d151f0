"""Measure GET search/ at 20,000, 200,000 and 1,000,000 products in a PostgreSQL of its own.

One database grows from size to size; a run that was broken off goes on where it stopped.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

SIZES = [20_000, 200_000, 1_000_000]
DEFAULT_URL = "postgres://root@127.0.0.1:5432/storefront_bench"


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--rounds", type=int, default=40, help="requests of each kind")
    parser.add_argument("--keep", action="store_true", help="do not drop the database afterwards")
    parser.add_argument("--no-rebuild", action="store_true", help="take the index as it is")
    return parser.parse_args()


def create_database(url: str, *, drop: bool = False) -> None:
    import psycopg
    from psycopg import sql

    name = sql.Identifier(urlsplit(url).path.strip("/"))
    with psycopg.connect(urlsplit(url)._replace(path="/postgres").geturl(), autocommit=True) as db:
        if drop:
            db.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(name))
            return
        try:
            db.execute(sql.SQL("CREATE DATABASE {}").format(name))
        except psycopg.errors.DuplicateDatabase:
            print("Going on with the database that is there.")


def fill_and_index(size: int, *, rebuild: bool) -> None:
    """Grow the shop to `size` products and index them with the engine's own command."""
    from bench_products import fill
    from django.core.management import call_command, get_commands

    start = time.monotonic()
    added = fill(size)
    print(f"{size:,} products, {added:,} of them new, in {time.monotonic() - start:.0f} s")
    if rebuild and "rebuild_search" in get_commands():
        start = time.monotonic()
        call_command("rebuild_search")
        print(f"indexed in {time.monotonic() - start:.0f} s")
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def measured(get: Callable[[str], int], texts: Iterator[str], rounds: int) -> list[float]:
    """Return the milliseconds of each request, after one of each that only warms up."""
    asked = [next(texts) for _ in range(rounds)]
    for text in asked[:3]:
        get(text)
    times = []
    for text in asked:
        start = time.perf_counter()
        get(text)
        times.append((time.perf_counter() - start) * 1000)
    return times


def measure(rounds: int) -> dict[str, tuple[float, float]]:
    """Return p50 and p95 of each kind of request, through the real view."""
    from bench_products import QUERIES, texts_of
    from rest_framework.test import APIClient

    client = APIClient()
    figures = {}
    for kind in QUERIES:
        for label, parameters in (("", {}), (", no facets", {"facets": "false"})):

            def get(text: str, parameters: dict[str, str] = parameters) -> int:
                response = client.get("/api/v1/search/", {"q": text, **parameters})
                assert response.status_code == 200, response.content  # noqa: S101
                return response.json()["count"]

            times = measured(get, texts_of(kind), rounds)
            found = get(next(texts_of(kind)))
            cuts = quantiles(times, n=20)
            figures[f"{kind}{label}"] = (cuts[9], cuts[18])
            print(
                f"  {kind + label:<36} p50 {cuts[9]:8.1f} ms   p95 {cuts[18]:8.1f} ms"
                f"   found {found:,}",
                flush=True,
            )
    return figures


def show_growth(results: dict[int, dict[str, tuple[float, float]]]) -> None:
    """Lay the p95 of all sizes side by side, with what the last is to the first."""
    sizes = sorted(results)
    heads = "".join(f"{size:>12,}" for size in sizes)
    print(f"\np95 in ms at products{'':<19}{heads}      growth (products x{sizes[-1] // sizes[0]})")
    for kind in results[sizes[0]]:
        figures = [results[size][kind][1] for size in sizes]
        cells = "".join(f"{figure:>12.1f}" for figure in figures)
        print(f"{kind:<40}{cells}   x{figures[-1] / figures[0]:.1f}")


def main() -> None:
    arguments = read_arguments()
    url = os.environ.get("BENCH_DATABASE_URL", DEFAULT_URL)
    os.environ |= {
        "DATABASE_URL": url,
        "ENVIRONMENT": "test",
        "THROTTLE_ANON": "off",
        "LOG_LEVEL": "ERROR",
    }
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    create_database(url)

    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    results = {}
    for size in sorted(arguments.sizes):
        fill_and_index(size, rebuild=not arguments.no_rebuild)
        results[size] = measure(arguments.rounds)
    show_growth(results)
    if not arguments.keep:
        from django.db import connections

        connections.close_all()
        create_database(url, drop=True)


if __name__ == "__main__":
    main()
