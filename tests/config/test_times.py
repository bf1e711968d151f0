from datetime import UTC, datetime

from rest_framework.fields import DateTimeField


def test_times_are_written_in_utc_whatever_the_stores_time_zone(settings):
    assert settings.TIME_ZONE == "Asia/Kolkata"
    noon = datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert DateTimeField().to_representation(noon) == "2026-01-31T12:00:00Z"


def test_a_time_without_an_offset_is_read_as_utc():
    noon = datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert DateTimeField().to_internal_value("2026-01-31T12:00:00") == noon
