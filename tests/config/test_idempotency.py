import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from catalog.models import Category
from config.idempotency import KEPT, LEASE, delete_expired_keys
from config.models import IdempotencyKey

from .probe_urls import MakeCategory

pytestmark = [pytest.mark.urls("tests.config.probe_urls"), pytest.mark.django_db]

URL = "/api/v1/make/"


@pytest.fixture
def then(monkeypatch):
    """Have something happen inside the work, after its first write."""
    return lambda action: monkeypatch.setattr(MakeCategory, "then", staticmethod(action))


def post(key="k", name="mugs", **body):
    headers = {"HTTP_IDEMPOTENCY_KEY": key} if key else {}
    return APIClient().post(URL, {"name": name, **body}, **headers)


def age(by):
    """Let time pass for every key."""
    for row in IdempotencyKey.objects.all():
        IdempotencyKey.objects.filter(pk=row.pk).update(
            created_at=row.created_at - by, leased_until=row.leased_until - by
        )


def claimed_by_another():
    """The key is being worked on elsewhere."""
    post()
    Category.objects.all().delete()
    IdempotencyKey.objects.update(response_status=None, response_body=None)


def test_without_a_key_every_call_does_the_work():
    assert post(key="", name="a").status_code == 201
    assert post(key="", name="b").status_code == 201
    assert not IdempotencyKey.objects.exists()


def test_a_repeat_gets_the_first_answer_and_does_no_work():
    first, again = post(), post()
    assert (again.status_code, again.json()) == (201, first.json())
    assert again["Location"] == first["Location"]
    assert "Idempotent-Replayed" not in first
    assert again["Idempotent-Replayed"] == "true"
    assert Category.objects.count() == 1


def test_the_order_of_the_fields_makes_no_other_body():
    first = APIClient().post(URL, {"name": "a", "x": 1}, HTTP_IDEMPOTENCY_KEY="k")
    again = APIClient().post(URL, {"x": 1, "name": "a"}, HTTP_IDEMPOTENCY_KEY="k")
    assert again.json() == first.json()


def test_another_body_under_the_same_key_is_refused():
    post()
    response = post(name="plates")
    assert (response.status_code, response.json()["code"]) == (409, "idempotency_key_reused")
    assert list(Category.objects.values_list("name", flat=True)) == ["mugs"]


def test_keys_that_a_collation_takes_for_equal_are_two_keys():
    assert post(key="abc-e", name="a").status_code == 201
    assert post(key="Abc-E", name="b").status_code == 201
    assert Category.objects.count() == 2


def test_while_the_first_call_is_under_way_a_repeat_is_asked_to_wait():
    claimed_by_another()
    response = post()
    assert (response.status_code, response.json()["code"]) == (409, "request_in_progress")
    assert int(response["Retry-After"]) >= 1
    assert not Category.objects.exists()


def test_after_a_refusal_the_key_is_free_and_nothing_was_done():
    assert post(fail=True).status_code == 409
    assert not Category.objects.exists()
    assert not IdempotencyKey.objects.exists()
    assert post(fail=False).status_code == 201


def test_after_a_bug_the_key_is_free(then):
    then(lambda: 1 / 0)
    assert post().status_code == 500
    assert not Category.objects.exists()
    then(lambda: None)
    assert post().status_code == 201


def test_past_its_lease_a_claim_is_taken_over():
    claimed_by_another()
    age(LEASE + timedelta(seconds=1))
    assert post().status_code == 201
    assert Category.objects.count() == 1


def test_the_former_owner_of_a_key_does_nothing(then):
    taken_by = "11111111-1111-4111-8111-111111111111"
    then(lambda: IdempotencyKey.objects.update(claim=taken_by))
    response = post()
    assert (response.status_code, response.json()["code"]) == (409, "request_in_progress")
    assert not Category.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_claim_of_the_one_who_took_over_outlives_the_former_owner():
    claimed_by_another()
    row = IdempotencyKey.objects.get()
    age(LEASE + timedelta(seconds=1))
    assert post().status_code == 201
    taken = IdempotencyKey.objects.get()
    assert taken.claim != row.claim
    assert taken.response_status == 201


def test_a_secret_is_answered_again_and_stored_nowhere():
    first, again = post(), post()
    assert again.json()["secret"] == first.json()["secret"]
    assert "secret" not in json.dumps(IdempotencyKey.objects.get().response_body)


def test_a_key_is_stored_as_a_hash_only():
    post(key="my-own-key")
    row = IdempotencyKey.objects.get()
    assert "my-own-key" not in json.dumps([row.key_hash, row.body_hash, row.response_body])


def test_a_key_of_more_than_255_characters_is_refused():
    assert post(key="k" * 255).status_code == 201
    response = post(key="k" * 256, name="b")
    assert (response.status_code, response.json()["code"]) == (400, "validation_error")
    assert Category.objects.count() == 1


def test_after_24_hours_a_key_is_new():
    post()
    age(KEPT + timedelta(seconds=1))
    assert post(name="plates").status_code == 201
    assert Category.objects.count() == 2


def test_only_keys_older_than_24_hours_are_deleted():
    post(key="old", name="a")
    age(KEPT + timedelta(seconds=1))
    post(key="new", name="b")
    assert delete_expired_keys() == 1
    kept = IdempotencyKey.objects.get()
    assert kept.created_at > timezone.now() - timedelta(minutes=1)


@pytest.mark.django_db(transaction=True)
def test_twenty_twins_at_the_same_moment_do_the_work_once():
    barrier = Barrier(20)

    def call(_):
        barrier.wait()
        try:
            return post()
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(call, range(20)))
    assert Category.objects.count() == 1
    assert {answer.status_code for answer in answers} <= {201, 409}
    first_answers = [a for a in answers if a.status_code == 201 and "Idempotent-Replayed" not in a]
    assert len(first_answers) == 1
    refused = {a.json()["code"] for a in answers if a.status_code == 409}
    assert refused <= {"request_in_progress"}
    assert post().json() == first_answers[0].json()


@pytest.mark.django_db(transaction=True)
def test_without_a_key_twenty_twins_do_the_work_twenty_times():
    """The control of the test above: it is the key that holds them back."""
    with ThreadPoolExecutor(20) as threads:

        def call(number):
            try:
                return post(key="", name=f"c-{number}").status_code
            finally:
                connection.close()

        assert list(threads.map(call, range(20))) == [201] * 20
    assert Category.objects.count() == 20
