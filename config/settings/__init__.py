"""Choose the settings module by ENVIRONMENT: local (the default), test or production."""

import os
from pathlib import Path

import environ


def _is_chosen_by_name() -> bool:
    """Tell whether DJANGO_SETTINGS_MODULE names a module of this package, as the tests do."""
    return os.environ.get("DJANGO_SETTINGS_MODULE", __name__) != __name__


if not _is_chosen_by_name():
    environ.Env.read_env(Path(__file__).resolve().parent.parent.parent / ".env")
    match os.environ.get("ENVIRONMENT") or "local":
        case "local":
            from .local import *  # noqa: F403
        case "production":
            from .production import *  # noqa: F403
        case "test":
            from .test import *  # noqa: F403
        case other:
            raise SystemExit(f"ENVIRONMENT is {other!r}: it must be local, test or production.")
