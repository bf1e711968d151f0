#!/usr/bin/env python3
"""Make queries as people type them from the Icecat file, with the ids that each should find.

    scripts/make_search_queries.py icecat_products.jsonl.gz odd.json --ids odd --seed 7

What is expected is worked out here from the texts alone, without the shop's code: all products
whose name (or part number) has the words that the query was made from.
"""

import argparse
import gzip
import json
import random
import re
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path

MOST = 10  # a query that should find more is too vague to be judged by ten
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def words(text):
    return re.findall(r"[a-z0-9]+", text.lower())


class Catalogue:
    def __init__(self, path):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            self.products = [json.loads(line) for line in lines]
        self.having = defaultdict(set)
        self.numbers = defaultdict(set)
        for product in self.products:
            for word in words(product["title"]):
                self.having[word].add(product["id"])
            if re.fullmatch(r"[A-Za-z0-9./-]{5,20}", product["mpn"]) and re.search(
                r"\d", product["mpn"]
            ):
                self.numbers["".join(words(product["mpn"]))].add(product["id"])

    def with_all(self, chosen):
        return set.intersection(*(self.having[word] for word in chosen))


class Maker:
    """Each method makes (query, expected ids) from one product, or None where it cannot."""

    def __init__(self, catalogue, chance):
        self.catalogue, self.chance = catalogue, chance

    def name(self, product):
        same = {
            p["id"] for p in self.catalogue.products if words(p["title"]) == words(product["title"])
        }
        return product["title"], same

    def _subset(self, product, fewest=2, most=5):
        own = list(dict.fromkeys(words(product["title"])))
        for count in range(fewest, most + 1):
            if count > len(own):
                return None
            chosen = self.chance.sample(own, count)
            if (
                any(len(word) > 2 for word in chosen)
                and len(self.catalogue.with_all(chosen)) <= MOST
            ):
                return chosen
        return None

    def subset(self, product):
        chosen = self._subset(product)
        return chosen and (" ".join(chosen), self.catalogue.with_all(chosen))

    def in_order(self, product):
        chosen = self._subset(product)
        if chosen:
            own = words(product["title"])
            chosen.sort(key=own.index)
            return " ".join(chosen), self.catalogue.with_all(chosen)

    def prefix(self, product):
        own = words(product["title"])
        for count in range(2, len(own) + 1):
            *whole, last = own[:count]
            if len(last) < 5:
                continue
            begun = last[: max(3, len(last) - self.chance.randint(1, 3))]
            matches = set.union(
                *(ids for word, ids in self.catalogue.having.items() if word.startswith(begun))
            )
            expected = matches & self.catalogue.with_all(whole)
            if len(expected) <= MOST:
                return " ".join([*whole, begun]), expected
        return None

    def _err(self, word):
        at = self.chance.randrange(len(word))
        match self.chance.choice(["other", "less", "more", "swap"]):
            case "less":
                return word[:at] + word[at + 1 :]
            case "more":
                return word[:at] + self.chance.choice(LETTERS) + word[at:]
            case "swap" if at:
                return word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :]
        return word[:at] + self.chance.choice(LETTERS) + word[at + 1 :]

    def _with_error(self, product, can_err):
        chosen = self._subset(product)
        places = [i for i, word in enumerate(chosen or []) if can_err(word)]
        if not places:
            return None
        at = self.chance.choice(places)
        wrong = self._err(chosen[at])
        if wrong in self.catalogue.having or wrong == chosen[at]:
            return None
        typed = [*chosen[:at], wrong, *chosen[at + 1 :]]
        return " ".join(typed), self.catalogue.with_all(chosen)

    def error(self, product):
        return self._with_error(product, lambda word: len(word) >= 4 and word.isalpha())

    def error_in_number(self, product):
        return self._with_error(
            product, lambda word: len(word) >= 5 and not word.isalpha() and not word.isdigit()
        )

    def brand_and_type(self, product):
        brand = words(product["brand"])
        if not brand:
            return None
        counts = Counter(
            word
            for p in self.catalogue.products
            if p["brand"] == product["brand"]
            for word in set(words(p["title"])) - set(brand)
            if word.isalpha() and len(word) > 4
        )
        kinds = [word for word in words(product["title"]) if counts[word] >= 3]
        if not kinds:
            return None
        kind = self.chance.choice(kinds)
        expected = {
            p["id"]
            for p in self.catalogue.products
            if p["brand"] == product["brand"] and kind in words(p["title"])
        }
        return " ".join([*brand, kind]), expected

    def _number(self, product):
        number = product["mpn"]
        return number if "".join(words(number)) in self.catalogue.numbers else None

    def number(self, product):
        number = self._number(product)
        return number and (number, self.catalogue.numbers["".join(words(number))])

    def number_in_one(self, product):
        number = self._number(product)
        if number and len(words(number)) > 1:
            whole = "".join(words(number))
            return whole, self.catalogue.numbers[whole]

    def number_in_parts(self, product):
        number = self._number(product)
        if number and len(words(number)) > 1:
            return " ".join(words(number)), self.catalogue.numbers["".join(words(number))]

    def number_begun(self, product):
        number = self._number(product)
        if not number or len(number) < 7:
            return None
        begun = "".join(words(number))[: max(5, len(number) * 2 // 3)]
        expected = set.union(
            *(ids for key, ids in self.catalogue.numbers.items() if key.startswith(begun))
        )
        return (begun, expected) if len(expected) <= MOST else None

    def plural(self, product):
        chosen = self._subset(product)
        places = [
            i
            for i, word in enumerate(chosen or [])
            if len(word) > 3 and word.isalpha() and not word.endswith(("s", "y"))
        ]
        if places:
            at = self.chance.choice(places)
            both = self.catalogue.having[chosen[at]] | self.catalogue.having[chosen[at] + "s"]
            others = [word for i, word in enumerate(chosen) if i != at]
            expected = both & self.catalogue.with_all(others) if others else both
            return " ".join([*chosen[:at], chosen[at] + "s", *chosen[at + 1 :]]), expected

    def written_together(self, product):
        own = words(product["title"])
        chosen = self._subset(product)
        for left, right in pairwise(own):
            if (
                chosen
                and left in chosen
                and right.isalpha()
                and len(left) > 2
                and len(right) > 2
                and left + right not in self.catalogue.having
            ):
                others = [word for word in chosen if word not in (left, right)]
                expected = self.catalogue.with_all([left, right, *others])
                return " ".join([*others, left + right]), expected
        return None


KINDS = [
    "name",
    "subset",
    "in_order",
    "prefix",
    "error",
    "error_in_number",
    "brand_and_type",
    "number",
    "number_in_one",
    "number_in_parts",
    "number_begun",
    "plural",
    "written_together",
]


def main():
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("source")
    options.add_argument("output")
    options.add_argument("--ids", choices=["odd", "even"], required=True)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--each", type=int, default=100, help="queries of each kind")
    given = options.parse_args()
    catalogue, chance = Catalogue(given.source), random.Random(given.seed)
    rest = 1 if given.ids == "odd" else 0
    pool = [product for product in catalogue.products if int(product["id"]) % 2 == rest]
    maker, made = Maker(catalogue, chance), []
    for kind in KINDS:
        found = 0
        for product in chance.sample(pool, len(pool)):
            answer = getattr(maker, kind)(product)
            if answer and answer[1]:
                made.append({"kind": kind, "query": answer[0], "expected": sorted(answer[1])})
                found += 1
                if found == given.each:
                    break
    Path(given.output).write_text(json.dumps(made, indent=1))
    print(f"{len(made)} queries", Counter(entry["kind"] for entry in made))


if __name__ == "__main__":
    main()
