import re
from pathlib import Path

from django.conf import settings

ROOT = Path(__file__).parent.parent.parent


def variables_read():
    """Every variable of the environment that the settings read."""
    source = "".join(path.read_text() for path in (ROOT / "config/settings").glob("*.py"))
    named = set(re.findall(r'\benv\.\w+\(\s*"([A-Z_]+)"', source))
    throttles = {f"THROTTLE_{scope.upper()}" for scope in settings.THROTTLE_RATES}
    return named | throttles


def test_the_example_of_an_environment_names_every_variable_and_no_other():
    documented = re.findall(r"^#?([A-Z][A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M)
    assert len(documented) == len(set(documented))
    assert set(documented) == variables_read()


def test_the_example_sets_nothing():
    lines = (ROOT / ".env.example").read_text().splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == []
