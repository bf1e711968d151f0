"""Measure GET search/ at 20,000, 200,000 and 1,000,000 products in a PostgreSQL of its own.

One database grows from size to size; a run that was broken off goes on where it stopped.
"""

import argparse
import os
import sys
import time
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

WARM_UP = 5
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


def measure(rounds: int) -> dict[str, tuple[float, float]]:
    """Return p50 and p95 of each kind of request, and print them with those of their parts."""
    from bench_products import QUERIES

    heads = "".join(f"{head:>9}" for head in ("p50", "p95", "words", "page", "facets", "found"))
    print(f"  {f'ms, load {os.getloadavg()[0]:.1f}':<28}{heads}")
    figures = {}
    for kind, asked in QUERIES.items():
        times = [ask(asked[number % len(asked)]) for number in range(-WARM_UP, rounds)][WARM_UP:]
        whole, words, page, facets, found = zip(*times, strict=True)
        p50, p95 = quantiles(whole, n=20)[9::9]
        figures[kind] = (p50, p95)
        parts = "".join(f"{median(part):9.1f}" for part in (words, page, facets))
        print(f"  {kind:<28}{p50:9.1f}{p95:9.1f}{parts}{max(found):>9,.0f}", flush=True)
    return figures


def ask(parameters: dict[str, str]) -> tuple[float, ...]:
    """Return the milliseconds of a request and of its parts apart, and how many it found."""
    from django.contrib.auth.models import AnonymousUser
    from django.http import QueryDict
    from rest_framework.test import APIClient

    from catalog.facets import Narrowing, count_facets
    from catalog.filters.products import filter_products, order_products
    from catalog.models import Product
    from catalog.search import Found, search_products
    from catalog.selectors import products_for_list

    start = time.perf_counter()
    response = APIClient().get("/api/v1/search/", parameters)
    moments = [time.perf_counter()]
    assert response.status_code == 200, response.content  # noqa: S101
    query = QueryDict(mutable=True)
    query.update(parameters | {"search": parameters.get("q", "")})
    listed = Product.objects.listed()
    found = search_products(listed, query["search"]) if query["search"] else Found(listed)
    narrowed = filter_products(found.products, query, AnonymousUser(), leave_out=["search"])
    moments.append(time.perf_counter())
    list(products_for_list(order_products(narrowed, query, "-popularity"))[:20])
    moments.append(time.perf_counter())
    count_facets(narrowed, Narrowing({}, {}), found.most)
    moments.append(time.perf_counter())
    times = [(after - before) * 1000 for before, after in pairwise([start, *moments])]
    return (*times, response.json()["count"])


def show_growth(results: dict[int, dict[str, tuple[float, float]]]) -> None:
    """Lay p50 and p95 of all sizes side by side, with what the last is to the first."""
    sizes = sorted(results)
    heads = "".join(f"{size:>17,}" for size in sizes)
    print(f"\np50 / p95 in ms at products  {heads}    growth (products x{sizes[-1] // sizes[0]})")
    for kind in results[sizes[0]]:
        cells = "".join("{:>9.1f} /{:>6.1f}".format(*results[size][kind]) for size in sizes)
        first, last = (results[size][kind] for size in (sizes[0], sizes[-1]))
        print(f"{kind:<29}{cells}    x{last[0] / first[0]:.1f} / x{last[1] / first[1]:.1f}")


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
