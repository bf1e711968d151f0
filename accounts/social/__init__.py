"""Accounts elsewhere that log people in: one module each, with these two functions.

`is_configured()` tells whether the shop may use it; `verify(id_token, nonce)` returns who it is.
"""

from types import ModuleType

from . import google

PROVIDERS: dict[str, ModuleType] = {"google": google}
