"""Erasing a person who asked staff for it: a dialog, because nothing undoes it."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextInputWidget

from config.admin_dialogs import find_row, lead_to

from .models import User
from .services.profiles import erase_user

_WORD = "erase"


class EraseForm(BaseDialogForm):
    word = forms.CharField(
        label=f'Type "{_WORD}"',
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )

    def clean_word(self) -> str:
        if self.cleaned_data["word"].strip().lower() != _WORD:
            raise forms.ValidationError(f'Type "{_WORD}" to erase this person for ever.')
        return self.cleaned_data["word"]


class ErasingAdmin(ModelAdmin):
    """Erases people, and leaves those alone who were."""

    actions_detail = ["erase"]

    @action(
        description="Erase this person",
        url_path="erase",
        permissions=["erase"],
        variant=ActionVariant.DANGER,
        dialog={
            "title": "Erase this person for ever?",
            "description": (
                "Name, contacts, addresses, cards, messages and wishes go at once; orders stay "
                "without a name, those under way once they are over. Nothing brings it back."
            ),
            "form_class": EraseForm,
            "form_submit_text": "Erase",
        },
    )
    def erase(self, request: HttpRequest, form: EraseForm, object_id: str) -> HttpResponse:
        user = find_row(User, object_id)
        erase_user(user_id=user.pk)
        user.refresh_from_db()
        self.log_change(request, user, "Erased.")
        messages.success(request, "The person was erased.")
        return lead_to("accounts_user_changelist")

    def has_erase_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        """Tell whether this person may be erased: staff by administrators, nobody by themselves."""
        if not request.user.has_perm("accounts.erase_user"):
            return False
        user = find_row(User, object_id)
        is_privileged = user.is_staff or user.is_superuser
        may_be = request.user.is_superuser or not is_privileged
        return may_be and user.erased_at is None and user.pk != request.user.pk
