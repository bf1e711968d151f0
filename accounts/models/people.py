"""People: users and their addresses, sellers, and the refresh tokens that are out."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import AnonymousUser, PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from config.audit import Audit
from config.erasure import Erasable

from ..rights import staff_may

# What the columns of an erased person hold: no name, no way to reach them, no way in, no rights.
ERASED: dict[str, Any] = {
    "email": None,
    "email_key": None,
    "username": None,
    "username_key": None,
    "phone": None,
    "first_name": "",
    "last_name": "",
    "date_of_birth": None,
    "external_source": "",
    "external_id": None,
    "last_login": None,
    "email_verified": False,
    "phone_verified": False,
    "two_factor_enabled": False,
    "is_active": False,
    "is_staff": False,
    "is_superuser": False,
}


class Membership(models.TextChoices):
    BRONZE = "bronze"
    SILVER = "silver"
    GOLD = "gold"


class UserManager(BaseUserManager["User"]):
    def create_user(self, password: str | None = None, **fields: Any) -> User:  # noqa: ANN401
        """Create a user who is known by at least one of e-mail, username and phone."""
        user = self.model(**fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, password: str | None = None, **fields: Any) -> User:  # noqa: ANN401
        """Create an administrator."""
        return self.create_user(password, is_staff=True, is_superuser=True, **fields)

    def identified_by(self, *, email: str = "", username: str = "", phone: str = "") -> User | None:
        """Return the user of one identifier, compared without case."""
        if email:
            return self._spelt("email_key", email.strip().lower())
        if username:
            return self._spelt("username_key", username.strip().lower())
        return self._spelt("phone", phone) if phone else None

    def _spelt(self, column: str, key: str) -> User | None:
        """Return the user of exactly this key: MariaDB finds "zoë" for "zoe", too."""
        user = self.filter(**{column: key}).first()
        return user if user and getattr(user, column) == key else None

    def customers(self) -> models.QuerySet[User]:
        """Keep who is neither staff nor erased."""
        return self.filter(erased_at=None, is_staff=False, is_superuser=False)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email_key=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin, Erasable):
    """A person: customer, seller or staff, by what the flags say."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    email = models.EmailField(null=True, blank=True)
    # What uniqueness is judged by: databases differ in what they take for equal.
    email_key = models.CharField(max_length=254, unique=True, null=True, editable=False)
    username = models.CharField(max_length=150, null=True, blank=True)
    username_key = models.CharField(max_length=150, unique=True, null=True, editable=False)
    phone = models.CharField(max_length=16, unique=True, null=True, blank=True)
    first_name = models.CharField(max_length=150, blank=True)
    last_name = models.CharField(max_length=150, blank=True)
    date_of_birth = models.DateField(null=True, blank=True)
    membership = models.CharField(
        max_length=10, choices=Membership.choices, default=Membership.BRONZE
    )
    language = models.CharField(max_length=10, default="en")
    email_verified = models.BooleanField(default=False)
    phone_verified = models.BooleanField(default=False)
    # Whether an authenticator is confirmed; told here so that no call has to look for it.
    two_factor_enabled = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    is_seller = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=timezone.now, db_index=True)
    # Where an import brought this person from, and their number there.
    external_source = models.CharField(max_length=32, blank=True)
    external_id = models.CharField(max_length=64, null=True, blank=True)

    audit = Audit(
        skipped=("email_key", "username_key", "last_login", "date_joined"),
        told=(
            "membership",
            "language",
            "is_active",
            "is_staff",
            "is_superuser",
            "is_seller",
            "email_verified",
            "phone_verified",
            "two_factor_enabled",
        ),
    )
    # What is said to staff whose rights are withheld; of this instance, not of the row.
    refusal_hint = ""

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        permissions = [("erase_user", "Can erase a person")]
        constraints = [
            models.UniqueConstraint(
                fields=["external_source", "external_id"], name="user_external_id_unique"
            ),
            models.CheckConstraint(
                condition=Q(erased_at=None) | Q(**ERASED), name="user_erased_for_good"
            ),
        ]

    def __str__(self) -> str:
        if self.erased_at:
            return f"Erased person {str(self.pk)[:8]}"
        return self.email or self.username or self.phone or str(self.pk)

    def save(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        self.set_keys()
        if (fields := kwargs.get("update_fields")) is not None:
            keys = {"email": "email_key", "username": "username_key"}
            kwargs["update_fields"] = {*fields, *(keys[f] for f in fields if f in keys)}
        super().save(*args, **kwargs)

    def set_keys(self) -> None:
        """Derive the key columns; whoever writes in bulk calls this first."""
        self.email = self.email or None
        self.username = self.username or None
        self.phone = self.phone or None
        self.email_key = self.email.strip().lower() if self.email else None
        self.username_key = self.username.strip().lower() if self.username else None

    @property
    def own_address(self) -> str:
        """The e-mail address that is surely theirs, in small letters, or nothing."""
        return (self.email_key or "") if self.email_verified else ""

    @property
    def must_have_second_factor(self) -> bool:
        """Whether the shop asks this person for two-factor login."""
        is_staff = self.is_staff or bool(self.refusal_hint)
        return is_staff and settings.STAFF_TWO_FACTOR_REQUIRED

    def withhold_staff_rights(self) -> None:
        """Make staff who lack the second factor that the shop asks for customers, for one call."""
        if self.must_have_second_factor and not self.two_factor_enabled:
            self.is_staff = self.is_superuser = False
            self.refusal_hint = "Staff need two-factor login here: turn it on for your account."

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """End the admin's sessions with the password and when two-factor login is turned on."""
        own = super()._get_session_auth_hash(secret)
        return f"{own}:2" if self.two_factor_enabled else own

    @property
    def role(self) -> str:
        """The strongest role of this user, in the words of the API."""
        if self.is_superuser:
            return "admin"
        if self.is_staff:
            return "staff"
        return "seller" if self.is_seller else "customer"

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class SellerStatus(models.TextChoices):
    PENDING = "pending"
    APPROVED = "approved"
    SUSPENDED = "suspended"


SELLER_MOVES: dict[str, set[str]] = {
    SellerStatus.PENDING: {SellerStatus.APPROVED, SellerStatus.SUSPENDED},
    SellerStatus.APPROVED: {SellerStatus.SUSPENDED},
    SellerStatus.SUSPENDED: {SellerStatus.APPROVED},
}


class SellerQuerySet(models.QuerySet["Seller"]):
    def visible_to(self, user: User | AnonymousUser) -> SellerQuerySet:
        """Keep approved sellers and the user's own; staff who may view sellers see all."""
        if staff_may(user, "accounts.view_seller"):
            return self
        approved = Q(status=SellerStatus.APPROVED)
        return self.filter(approved | Q(user=user.pk) if user.pk else approved)


class Seller(models.Model):
    """A shop in the shop: the owner of products."""

    user = models.OneToOneField(User, models.CASCADE, related_name="seller")
    slug = models.SlugField(max_length=160, unique=True)
    name = models.CharField(max_length=150)
    description = models.TextField(blank=True)
    logo = models.ImageField(upload_to="sellers/", blank=True)
    status = models.CharField(
        max_length=10, choices=SellerStatus.choices, default=SellerStatus.PENDING
    )
    created_at = models.DateTimeField(auto_now_add=True)

    # Slug and name may be a person's, and go with the person.
    audit = Audit(told=("user", "status"))
    objects = SellerQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    def may_move_to(self, status: str) -> bool:
        return status in SELLER_MOVES[self.status]


class AddressType(models.TextChoices):
    SHIPPING = "shipping"
    BILLING = "billing"


class AddressQuerySet(models.QuerySet["Address"]):
    def owned_by(self, user: User | AnonymousUser) -> AddressQuerySet:
        return self.filter(user_id=user.pk)


class Address(models.Model):
    """A saved address of a user."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="addresses")
    address_type = models.CharField(
        max_length=10, choices=AddressType.choices, default=AddressType.SHIPPING
    )
    # The type again where this is the default of it, else NULL: at most one default a type.
    default_of = models.CharField(max_length=10, null=True, editable=False)
    full_name = models.CharField(max_length=150)
    phone_number = models.CharField(max_length=16)
    address_line1 = models.CharField(max_length=255)
    address_line2 = models.CharField(max_length=255, blank=True)
    city = models.CharField(max_length=100)
    state = models.CharField(max_length=100, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=2)
    tax_number = models.CharField(max_length=20, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AddressQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "id"]
        verbose_name_plural = "addresses"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "default_of"], name="address_one_default_per_type"
            ),
            models.CheckConstraint(
                condition=Q(default_of=None) | Q(default_of=F("address_type")),
                name="address_default_of_own_type",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.full_name}, {self.city}"

    @property
    def is_default(self) -> bool:
        return self.default_of is not None


class RefreshToken(models.Model):
    """A refresh token that was given out: only its id, never the token itself."""

    jti = models.CharField(max_length=32, unique=True)
    # All tokens that came from one login; a stolen one ends them together.
    family = models.UUIDField(default=uuid4, db_index=True)
    user = models.ForeignKey(User, models.CASCADE, related_name="refresh_tokens")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.jti


class AttemptCounter(models.Model):
    """How often something guarded was tried in the present window, counted exactly."""

    # SHA-256 of scope and identifier: what somebody typed is not kept.
    key_hash = models.CharField(max_length=64, unique=True)
    count = models.PositiveIntegerField(default=0)
    window_ends_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.key_hash[:12]}: {self.count}"
