"""Staff screens for people and their rights."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import EmptyFieldListFilter
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import AdminPasswordChangeForm
from unfold.forms import UserCreationForm as UnfoldUserCreationForm

from config.errors import DomainError

from .admin_audit import AuditEntryAdmin  # noqa: F401  registers the page of the trail
from .admin_audited import AuditedAdmin
from .admin_erasing import ErasingAdmin
from .identifiers import normalise_phone, normalise_username
from .models import Address, User
from .services.passwords import end_resets, set_password
from .services.registration import taken_identifiers
from .services.tokens import revoke_tokens
from .services.two_factor import reset_second_factor

_PRIVILEGES = ("is_staff", "is_superuser", "groups", "user_permissions")
_RECORD = ("date_joined", "last_login", "erased_at", "external_source", "external_id")


class IdentifierForm(forms.ModelForm):
    """Holds what staff type to the rules that people themselves are held to."""

    def clean_username(self) -> str | None:
        return self._normalised("username", normalise_username)

    def clean_phone(self) -> str | None:
        return self._normalised("phone", normalise_phone)

    def _normalised(self, field: str, rule: Any) -> str | None:  # noqa: ANN401
        try:
            return rule(self.cleaned_data[field]) if self.cleaned_data.get(field) else None
        except ValueError as error:
            raise forms.ValidationError(str(error))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        names = {field: cleaned.get(field) for field in ("email", "username", "phone")}
        if not (names["email"] or names["phone"]) and not self.errors:
            self.add_error("email", "Give an e-mail address or a phone number.")
        for field, message in taken_identifiers(User(pk=self.instance.pk, **names)).items():
            self.add_error(field, message)
        return cleaned


class ChangeForm(IdentifierForm):
    class Meta:
        model = User
        fields = "__all__"  # noqa: DJ007  the admin's fieldsets choose


class CreationForm(IdentifierForm, UnfoldUserCreationForm):
    class Meta:
        model = User
        fields = ("email", "username", "phone")


class PasswordForm(AdminPasswordChangeForm):
    """Ends what the password before opened, and tells its owner."""

    def save(self, commit: bool = True) -> User:
        user = super().save(commit=False)
        if commit:
            set_password(user_id=user.pk, new_hash=user.password)
        return user


class AddressInline(TabularInline):
    """Seen by staff, changed by their owner alone."""

    model = Address
    fields = ("address_type", "is_default", "full_name", "phone_number", "city", "country")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    @admin.display(boolean=True)
    def is_default(self, address: Address) -> bool:
        return address.is_default


@admin.register(User)
class UserAdmin(ErasingAdmin, AuditedAdmin, DjangoUserAdmin, ModelAdmin):
    form = ChangeForm
    add_form = CreationForm
    change_password_form = PasswordForm
    list_display = ("__str__", "full_name", "phone", "membership", "is_active", "date_joined")
    list_filter = (
        "is_active",
        ("erased_at", EmptyFieldListFilter),
        "is_staff",
        "is_seller",
        "membership",
        "email_verified",
    )
    search_fields = ("email_key", "username_key", "phone", "first_name", "last_name")
    ordering = ("-date_joined",)
    filter_horizontal = ("groups", "user_permissions")
    show_full_result_count = False
    readonly_fields = (
        "password_link",
        "email_verified",
        "phone_verified",
        "two_factor_enabled",
        "is_seller",
        "date_joined",
        "last_login",
        "external_source",
        "external_id",
        "erased_at",
    )
    inlines = [AddressInline]
    actions = ["turn_two_factor_off"]
    add_fieldsets = (
        (None, {"fields": ("email", "username", "phone")}),
        ("Password", {"fields": ("usable_password", "password1", "password2")}),
    )
    fieldsets = (
        (None, {"fields": ("email", "email_verified", "username", "phone", "phone_verified")}),
        ("Person", {"fields": ("first_name", "last_name", "date_of_birth", "language")}),
        ("Shop", {"fields": ("membership", "is_seller", "is_active")}),
        ("Login", {"fields": ("password_link", "two_factor_enabled")}),
        ("Rights", {"fields": _PRIVILEGES}),
        ("Record", {"fields": _RECORD}),
    )

    @admin.display(description="password")
    def password_link(self, user: User) -> str:
        return format_html(
            '<a href="{}">Set another password</a>',
            reverse("admin:auth_user_password_change", args=[user.pk]),
        )

    @admin.action(
        description="Turn two-factor login off (for who lost phone and codes)",
        permissions=["second_factor"],
    )
    def turn_two_factor_off(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        done, left = [], []
        for user in queryset:
            try:
                reset_second_factor(user_id=user.pk)
            except DomainError:
                left.append(user)
            else:
                self.log_change(request, user, "Two-factor login was turned off.")
                done.append(user)
        if done:
            messages.success(request, f"Off now: {', '.join(map(str, done))}.")
        if left:
            messages.warning(request, f"Was not on: {', '.join(map(str, left))}.")

    def has_second_factor_permission(self, request: HttpRequest) -> bool:
        """Leave second factors to administrators: they guard everybody's account."""
        return request.user.is_superuser

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Keep rights out of reach of staff who could give them to themselves."""
        fixed = tuple(super().get_readonly_fields(request, obj))
        return fixed if request.user.is_superuser else (*fixed, *_PRIVILEGES)

    def get_inlines(self, request: HttpRequest, obj: User | None) -> list[type[TabularInline]]:
        return self.inlines if obj else []

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Let only administrators change those who have rights here, their password too."""
        if obj is not None and obj.erased_at:
            return False
        is_privileged = obj is not None and (obj.is_superuser or obj.is_staff)
        if is_privileged and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False  # orders hang on the row: people are made inactive, or erased

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:  # noqa: ANN401
        obj.email_verified = obj.email_verified and "email" not in form.changed_data
        obj.phone_verified = obj.phone_verified and "phone" not in form.changed_data
        super().save_model(request, obj, form, change)
        if {"email", "phone"} & set(form.changed_data):
            end_resets(obj)  # whoever read the previous one must not set a password by it
        if not obj.is_active:
            revoke_tokens(obj)


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(AuditedAdmin, DjangoGroupAdmin, ModelAdmin):
    """Groups are rights: whoever could change them could give themselves any."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return request.user.is_superuser

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return request.user.is_superuser
