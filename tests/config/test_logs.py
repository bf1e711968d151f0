import logging

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.services.profiles import erase_user
from config.logs import Formatter
from tests.accounts.factories import make_user

pytestmark = pytest.mark.django_db


def written(error):
    try:
        raise error
    except type(error) as raised:
        info = (type(raised), raised, raised.__traceback__)
    record = logging.LogRecord("shop", logging.ERROR, "", 1, "Unhandled error", (), info)
    return Formatter().format(record)


@pytest.mark.parametrize(
    "told",
    [
        "broken rule\nDETAIL:  Failing row contains (1, asha@example.com).",
        "(1062, \"Duplicate entry 'asha@example.com' for key 'email_key'\")",
    ],
)
def test_the_rows_that_databases_tell_of_are_not_logged(told):
    text = written(IntegrityError(told))
    assert "asha@example.com" not in text
    assert "[not logged]" in text
    assert "IntegrityError" in text


def test_other_errors_are_logged_as_they_are():
    assert written(ValueError("No DETAIL: of it")).endswith("ValueError: No DETAIL: of it")


def test_a_copy_that_is_refused_is_logged_without_the_person():
    user = make_user(email="asha@example.com")
    stale = User.objects.get()
    erase_user(user_id=user.pk)
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        stale.save()
    assert "asha@example.com" not in written(refusal.value)


def test_the_shop_writes_its_log_that_way():
    assert settings.LOGGING["formatters"]["line"]["()"] == "config.logs.Formatter"
