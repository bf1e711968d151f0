"""Addresses that several tests call, and what a refusal looks like."""

REGISTER, LOGIN, ME = "/api/v1/auth/register/", "/api/v1/auth/login/", "/api/v1/users/me/"
PROFILE = {
    "id",
    "email",
    "username",
    "phone",
    "first_name",
    "last_name",
    "date_of_birth",
    "membership",
    "role",
    "email_verified",
    "phone_verified",
    "two_factor_enabled",
    "language",
    "groups",
    "seller",
    "date_joined",
}


def is_refused(response, status, code):
    assert (response.status_code, response.data["code"]) == (status, code)
    assert ("WWW-Authenticate" in response) == (status == 401)
    return True
