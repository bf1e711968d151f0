"""Choose the settings module by ENVIRONMENT: local (the default), test or production."""

import os
from pathlib import Path

import environ

environ.Env.read_env(Path(__file__).resolve().parent.parent.parent / ".env")

match os.environ.get("ENVIRONMENT", "local"):
    case "local":
        from .local import *  # noqa: F403
    case "production":
        from .production import *  # noqa: F403
    case "test":
        from .test import *  # noqa: F403
    case other:
        raise SystemExit(f"ENVIRONMENT is {other!r}: it must be local, test or production.")
