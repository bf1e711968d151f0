"""Refusals that concern people and their tokens."""

from config.errors import DomainError


class TokenNotValid(DomainError):
    code = "token_not_valid"
    message = "The token is not valid or has expired. Log in again."


class WrongCredentials(DomainError):
    code = "authentication_failed"
    message = "These credentials are not right. Check them and try again."


class OtpInvalid(DomainError):
    code = "otp_invalid"
    message = "This code is not right or has expired. Check it, or ask for a new one."


class TwoFactorState(DomainError):
    message = "Two-factor login is not in the state for this."
