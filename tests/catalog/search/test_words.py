import pytest

from catalog.search.spelling import words_one_error_away
from catalog.search.words import joined_words_of, numbers_in, other_forms, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Blue MUG", ["blue", "mug"]),
        ("Café crème, Ñandú", ["cafe", "creme", "nandu"]),
        ("HD7820/60", ["hd7820", "60"]),
        ("Intel® Core™2 Duo", ["intel", "core", "2", "duo"]),
        ("men's trousers", ["mens", "trousers"]),
        ("Straße Łódź œuvre", ["strasse", "lodz", "oeuvre"]),
        ("90 g/m²", ["90", "g", "m2"]),
        ("snake_case", ["snake", "case"]),
        ("हिन्दी किताब", ["हिन्दी", "किताब"]),
        ("Тёплый шарф", ["теплыи", "шарф"]),
        ("🎁 & | ! : * \" ' \\ %", []),
        ("a\0b", ["a", "b"]),
    ],
)
def test_words_are_small_letters_and_digits_without_accents(text, words):
    assert words_of(text) == words


def test_accents_make_no_difference_however_they_are_written():
    assert words_of("Cafe\u0301") == words_of("Caf\u00e9") == ["cafe"]


def test_a_very_long_word_is_cut():
    assert words_of("x" * 10_000) == ["x" * 64]


def test_compounds_are_known_as_one_word_too():
    assert joined_words_of("Wi-Fi HD7820/60 plain, cyan,magenta") == ["wifi", "hd782060"]
    assert numbers_in("rq204aa") == ["204"]
    assert numbers_in("204") == numbers_in("ab12") == []


@pytest.mark.parametrize(
    ("word", "form"),
    [
        ("printers", "printer"),
        ("printer", "printers"),
        ("batteries", "battery"),
        ("battery", "batteries"),
        ("boxes", "box"),
        ("box", "boxes"),
    ],
)
def test_plurals_and_singulars_know_each_other(word, form):
    assert form in other_forms(word)


def test_numbers_and_part_numbers_have_no_plural():
    assert other_forms("rq204aas") == other_forms("300") == []


@pytest.mark.parametrize("typed", ["headphon", "headphonee", "heedphone", "ehadphone", "hedphone"])
def test_a_letter_more_less_or_other_or_two_swapped_is_one_error(typed):
    assert "headphone" in words_one_error_away(typed)


@pytest.mark.parametrize("typed", ["headphone", "hedfone", "heaphoen", "phone", "headphones2"])
def test_more_than_one_error_is_not_one(typed):
    assert "headphone" not in words_one_error_away(typed)


def test_errors_are_put_right_in_every_script():
    assert "шарф" in words_one_error_away("шафр") & words_one_error_away("шаф")
    assert "किताब" in words_one_error_away("कताब")


def test_no_short_word_number_or_very_long_word_is_what_was_meant():
    assert words_one_error_away("it") == words_one_error_away("x" * 25) == set()
    assert {"tvs", "1234"}.isdisjoint(words_one_error_away("tvs1") | words_one_error_away("123"))
