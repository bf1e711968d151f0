"""Razorpay as a keeper of cards: its Checkout saves them, here they are looked up and dropped."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta, timezone
from functools import cached_property
from typing import TYPE_CHECKING

import razorpay

from ..errors import GatewayError
from .base import Card, refusals_ignored
from .razorpay import Entity, checked_id, clean_text, connect, reads_answers

if TYPE_CHECKING:
    from accounts.models import User

logger = logging.getLogger(__name__)

_LONGEST_EMAIL = 64
# A domain that belongs to nobody, for customers of whom Razorpay must not know the address.
_NOWHERE = "example.com"
# Tokens end with the last second of the card's month, in India.
_INDIA = timezone(timedelta(hours=5, minutes=30))
_DEAD = {"failed", "suspended", "deactivated", "expired"}
# Where Stripe has a shorter name of the same brand.
_BRANDS = {"american express": "amex", "diners club": "diners"}


class RazorpayCards:
    @cached_property
    def _client(self) -> razorpay.Client:
        return connect()

    @reads_answers
    def create_customer(self, user: User) -> str:
        """Make a customer, or find the one that an earlier or a parallel call made.

        Razorpay knows customers by their e-mail and answers whoever has it already, who may be
        another user's customer: the note tells. An address made of the user's id is nobody else's.
        """
        own = f"{user.pk}@{_NOWHERE}"
        email = user.email if user.email and len(user.email) <= _LONGEST_EMAIL else own
        for address in (email, own):
            given = {"email": address, "fail_existing": "0", "notes": {"user": str(user.pk)}}
            made = self._client.customer.create(given)
            if made.get("notes") == given["notes"]:
                return checked_id(made["id"])
        raise GatewayError("Razorpay knows this customer as somebody else.", is_retryable=False)

    @reads_answers
    def keep_card(self, customer_id: str, token: str) -> Card:
        """Look up a card that Checkout saved; Razorpay refuses one of another customer."""
        entity = self._client.token.fetch(customer_id, token)
        if entity["method"] != "card" or entity["id"] != token:
            raise GatewayError("This is no card of yours.", is_retryable=False)
        card = _card(entity)
        today = datetime.now(_INDIA)
        is_over = (card.exp_year, card.exp_month) < (today.year, today.month)
        if is_over or entity.get("status") in _DEAD:
            raise GatewayError("This card has expired.", is_retryable=False)
        return card

    def forget_card(self, customer_id: str, token: str) -> None:
        with refusals_ignored():
            self._delete_token(customer_id, token)

    def forget_customer(self, customer_id: str, tokens: list[str]) -> None:
        """Delete every token and overwrite the name: Razorpay cannot delete a customer.

        Tokens that have expired are not listed there any more, so those known here are added.
        """
        listed: list[str] = []
        with refusals_ignored():
            listed = self._tokens_of(customer_id)
        for token in sorted({*listed, *tokens}):
            self.forget_card(customer_id, token)
        try:
            self._make_nameless(customer_id)
        except GatewayError as error:
            if error.is_retryable:
                raise
            logger.warning("Razorpay keeps the name of customer %s: %s", customer_id, error)

    @reads_answers
    def _tokens_of(self, customer_id: str) -> list[str]:
        return [checked_id(entity["id"]) for entity in self._client.token.all(customer_id)["items"]]

    @reads_answers
    def _delete_token(self, customer_id: str, token: str) -> None:
        self._client.token.delete(customer_id, token)

    @reads_answers
    def _make_nameless(self, customer_id: str) -> None:
        nobody = {"name": "Erased customer", "email": f"{customer_id}@{_NOWHERE}"}
        self._client.customer.edit(customer_id, nobody)


def _card(entity: Entity) -> Card:
    card = entity["card"]
    month, year = card.get("expiry_month"), card.get("expiry_year")
    if not (month and year):
        last_second = datetime.fromtimestamp(entity["expired_at"], UTC).astimezone(_INDIA)
        month, year = last_second.month, last_second.year
    network = clean_text(card["network"]).lower()
    brand = _BRANDS.get(network, network)[:30]
    return Card(checked_id(entity["id"]), brand, _last4(card["last4"]), int(month), int(year))


def _last4(value: object) -> str:
    """Return four digits; raise ValueError for anything more, such as a whole number."""
    last4 = str(value)
    if len(last4) != 4 or not last4.isdigit():
        raise ValueError("That is not the end of a card's number.")
    return last4
