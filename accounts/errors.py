"""Refusals that concern people and their tokens."""

from config.errors import DomainError


class TokenNotValid(DomainError):
    code = "token_not_valid"
    message = "The token is not valid or has expired. Log in again."


class WrongCredentials(DomainError):
    code = "authentication_failed"
    message = "These credentials are not right. Check them and try again."
