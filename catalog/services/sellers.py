"""Sellers: people apply, staff approve and suspend; what a suspended one sells is taken down."""

from typing import Any
from uuid import UUID

from django.core.files import File
from django.db import transaction
from django.db.models import ProtectedError

from accounts.models import Seller, SellerStatus, User
from accounts.services.auditing import audited, track
from accounts.services.tokens import lock_user
from config.errors import NotFound
from config.events import emit
from config.transactions import retried

from ..errors import AlreadyApplied, SellerTransition
from ..models import OldSlug, Product
from ..signals import seller_suspended
from .pictures import clean_picture, discard_file, stored
from .products import flag_products
from .slugs import insert_with_slug, save_slug

Fields = dict[str, Any]
_LOGO = Seller._meta.get_field("logo")
_BATCH = 200


def apply_as_seller(*, user_id: UUID, fields: Fields) -> Seller:
    """Write a user's one application, or raise AlreadyApplied."""
    with stored(_clean(fields.get("logo")), _LOGO) as logo:
        return _apply(user_id, logo, fields)


def update_seller(*, seller_id: int, fields: Fields) -> Seller:
    """Change what a seller says of itself; `logo` None takes the logo away."""
    with stored(_clean(fields.get("logo")), _LOGO) as logo:
        return _update(seller_id, logo, fields)


@retried
@transaction.atomic
@audited()
def approve_seller(*, seller_id: int) -> Seller:
    """Let a seller sell; the user has the role of a seller from now on."""
    return _move(seller_id, SellerStatus.APPROVED)


@retried
@transaction.atomic
@audited()
def suspend_seller(*, seller_id: int) -> Seller:
    """Turn an application down or stop a seller; a worker takes the products off sale."""
    seller = _move(seller_id, SellerStatus.SUSPENDED)
    emit(seller_suspended, seller_id=seller.pk)
    return seller


def hide_suspended_products() -> int:
    """Make the products of suspended sellers inactive; return how many were not."""
    products = Product.objects.listed().filter(seller__status=SellerStatus.SUSPENDED)
    hidden = 0
    while ids := list(products.order_by("pk").values_list("pk", flat=True)[:_BATCH]):
        hidden += flag_products(product_ids=ids, flag="is_active", value=False)
    return hidden


@transaction.atomic
def close_seller(*, user_id: UUID) -> None:
    """Delete the seller of an erased person, or take its name off what must stay."""
    seller = Seller.objects.select_for_update().filter(user_id=user_id).first()
    if seller is None:
        return
    User.objects.filter(pk=user_id).update(is_seller=False)
    OldSlug.objects.filter(kind="seller", owner_id=seller.pk).delete()
    _discard_logo(seller)
    try:
        with transaction.atomic():
            seller.delete()
    except ProtectedError:  # orders show products of it
        seller.name, seller.slug = "Former seller", f"former-seller-{seller.pk}"
        seller.description = seller.logo = ""
        seller.status = SellerStatus.SUSPENDED
        seller.save()
        emit(seller_suspended, seller_id=seller.pk)


def _clean(logo: File | None) -> Any:  # noqa: ANN401
    return clean_picture(logo, name="logo") if logo else None


@retried
@transaction.atomic
@audited()
def _apply(user_id: UUID, logo: str, fields: Fields) -> Seller:
    user = lock_user(user_id)  # of two applications at once the second sees the first
    if Seller.objects.filter(user=user).exists():
        raise AlreadyApplied()
    seller = Seller(
        user=user, name=fields["name"], description=fields.get("description", ""), logo=logo
    )
    return insert_with_slug(track(seller), source=seller.name, slug=fields.get("slug", ""))


@retried
@transaction.atomic
@audited()
def _update(seller_id: int, logo: str, fields: Fields) -> Seller:
    seller = track(_lock(seller_id))
    for name in ("name", "description"):
        setattr(seller, name, fields.get(name, getattr(seller, name)))
    if "logo" in fields:
        _discard_logo(seller)
        seller.logo = logo
    seller.slug = fields.get("slug") or seller.slug
    save_slug(seller)
    return seller


def _move(seller_id: int, to_status: str) -> Seller:
    """Move a seller and let the role of its user follow; the user is locked first."""
    user = User.objects.select_for_update().filter(seller=seller_id).first()
    seller = _lock(seller_id)
    if user is None:  # erased meanwhile
        raise NotFound()
    is_let_in = to_status == SellerStatus.APPROVED
    if not seller.may_move_to(to_status) or (is_let_in and not user.is_active):
        raise SellerTransition(status=seller.status, requested=to_status)
    track(seller, to_status).status = to_status
    seller.save(update_fields=["status"])
    track(user).is_seller = is_let_in
    user.save(update_fields=["is_seller"])
    return seller


def _discard_logo(seller: Seller) -> None:
    if seller.logo.name:
        discard_file(seller.logo.name)


def _lock(seller_id: int) -> Seller:
    seller = Seller.objects.select_for_update().filter(pk=seller_id).first()
    # Of an erased person only the row stays: a change that waited brings no name back.
    if seller is None or seller.user.erased_at:
        raise NotFound()
    return seller
