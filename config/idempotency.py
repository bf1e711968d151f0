"""Idempotency keys: the same request does its work once, also for twins at the same moment."""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from .errors import IdempotencyKeyReused, InvalidInput, RequestInProgress
from .models import IdempotencyKey
from .transactions import retried

LEASE = timedelta(seconds=60)
KEPT = timedelta(hours=24)
MAX_LENGTH = 255

Work = Callable[[], Response]
Secrets = Callable[[dict[str, Any]], dict[str, Any]]


class ClaimLost(RequestInProgress):
    """Another request took the key over after its lease; this one's work is undone."""


@dataclass(frozen=True)
class Claim:
    """The right to answer one key, until the lease ends."""

    key_hash: str
    token: UUID

    def keep(self, response: Response, secret_fields: tuple[str, ...]) -> None:
        """Store a 2xx answer; raise ClaimLost where the claim is gone."""
        body = {k: v for k, v in response.data.items() if k not in secret_fields}
        kept = IdempotencyKey.objects.filter(key_hash=self.key_hash, claim=self.token).update(
            response_status=response.status_code,
            response_body=json.loads(json.dumps(body, cls=JSONEncoder)),
            response_location=response.get("Location", ""),
        )
        if not kept:
            raise ClaimLost()

    def free(self) -> None:
        """Give the key back, so that the same request may be tried again."""
        IdempotencyKey.objects.filter(
            key_hash=self.key_hash, claim=self.token, response_status=None
        ).delete()


def idempotent(
    request: Request,
    scope: str,
    work: Work,
    *,
    secrets: Secrets | None = None,
    secret_fields: tuple[str, ...] = (),
    in_transaction: bool = True,
) -> Response:
    """Do `work` once for the caller's Idempotency-Key and answer its repeats from the row.

    `scope` names the caller. The answer is stored in the same transaction as the work; a work
    that talks to a gateway (`in_transaction=False`) has rows of its own to resume from.
    `secret_fields` are never stored: `secrets` derives them again for a repeat.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        return retried(work)() if in_transaction else work()
    claim = _claim(request, scope, key)
    if isinstance(claim, IdempotencyKey):
        return _replay(claim, secrets)
    try:
        return _answer(claim, work, secret_fields, in_transaction)
    except BaseException:
        claim.free()
        raise


def key_hash_of(request: Request, scope: str) -> str:
    """Return the hash under which the request's key is stored, or "" without a key."""
    key = request.headers.get("Idempotency-Key", "")
    return _sha256(scope, request.method or "", request.path, key) if key else ""


def _answer(
    claim: Claim, work: Work, secret_fields: tuple[str, ...], in_transaction: bool
) -> Response:
    @retried
    def work_and_keep() -> Response:
        with transaction.atomic():
            response = work()
            if response.status_code < 300:
                claim.keep(response, secret_fields)
            return response

    if in_transaction:
        response = work_and_keep()
    else:
        response = work()
        if response.status_code < 300:
            claim.keep(response, secret_fields)
    if response.status_code >= 300:
        claim.free()
    return response


@retried
def _claim(request: Request, scope: str, key: str) -> Claim | IdempotencyKey:
    """Commit a claim on the key, or return the row that already has an answer."""
    if len(key) > MAX_LENGTH:
        raise InvalidInput(idempotency_key=f"Give at most {MAX_LENGTH} characters.")
    mine = Claim(key_hash_of(request, scope), uuid4())
    body_hash = _sha256(json.dumps(request.data, sort_keys=True, cls=JSONEncoder))
    now = timezone.now()
    try:
        with transaction.atomic():
            IdempotencyKey.objects.create(
                key_hash=mine.key_hash,
                scope_hash=_sha256(scope),
                body_hash=body_hash,
                claim=mine.token,
                leased_until=now + LEASE,
            )
        return mine
    except IntegrityError:
        row = IdempotencyKey.objects.filter(key_hash=mine.key_hash).first()
    if row is None:  # freed between our insert and our read
        raise RequestInProgress()
    return _meet(row, mine, body_hash)


def _meet(row: IdempotencyKey, mine: Claim, body_hash: str) -> Claim | IdempotencyKey:
    """Decide what a key that is already there means for this request."""
    now = timezone.now()
    expired = row.created_at < now - KEPT
    if not expired and row.body_hash != body_hash:
        raise IdempotencyKeyReused()
    if not expired and row.response_status is not None:
        return row
    if not expired and row.leased_until > now:
        raise RequestInProgress()
    taken = IdempotencyKey.objects.filter(pk=row.pk, claim=row.claim).update(
        claim=mine.token,
        body_hash=body_hash,
        leased_until=now + LEASE,
        response_status=None,
        response_body=None,
        created_at=now,
    )
    if not taken:
        raise RequestInProgress()
    return mine


def _replay(row: IdempotencyKey, secrets: Secrets | None) -> Response:
    body = row.response_body or {}
    if secrets:
        body = body | secrets(body)
    response = Response(body, status=row.response_status)
    response["Idempotent-Replayed"] = "true"
    if row.response_location:
        response["Location"] = row.response_location
    return response


def _sha256(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def delete_expired_keys() -> int:
    """Delete keys that are older than 24 hours; return how many."""
    deleted, _ = IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEPT).delete()
    return deleted


def forget_answers(*, scopes: Iterable[str] = (), ids: Iterable[object] = ()) -> None:
    """Delete the kept answers to these callers, and those that show a row of one of these ids."""
    to_callers = Q(scope_hash__in=[_sha256(scope) for scope in scopes])
    of_rows = Q(response_body__id__in=[str(each) for each in ids])
    IdempotencyKey.objects.filter(to_callers | of_rows).delete()
