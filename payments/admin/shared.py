"""What the staff screens of payments share: dialogs that ask before anything happens.

A dialog is shown by GET and acts by POST; an action without one would act by a mere link.
"""

from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextareaWidget

from config.errors import DomainError

from ..models import Payment
from ..services.ask import ask_gateway
from ..services.locked import note_seen

Row = TypeVar("Row", bound=Model)


def find_row(model: type[Row], object_id: str | None) -> Row:
    """Return the row that an address names, or raise Http404."""
    try:
        return model._default_manager.get(pk=object_id)
    except (model.DoesNotExist, ValidationError, ValueError):  # type: ignore[attr-defined]
        raise Http404()


def link_to(model: str, object_id: object, text: str) -> str:
    """Show a text that leads to the page of another row."""
    address = reverse(f"admin:{model}_change", args=[object_id])
    colours = "text-primary-600 dark:text-primary-500 whitespace-nowrap"
    return format_html('<a class="{}" href="{}">{}</a>', colours, address, text)


def lead_to(name: str, *args: object) -> HttpResponse:
    """Close a dialog and show a page: htmx, which posts dialogs, follows no redirect."""
    return HttpResponse(headers={"HX-Redirect": reverse(f"admin:{name}", args=args)})


class SeenForm(BaseDialogForm):
    """Says why, and sends it back: another reason that came meanwhile is not wiped away."""

    why = forms.CharField(
        required=False, widget=UnfoldAdminTextareaWidget(attrs={"readonly": True, "rows": 3})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.initial["why"] = find_row(Payment, str(self.object_id)).needs_person


class PaymentActions(ModelAdmin):
    """What staff may do to a payment, on its page and in the list of those to look at."""

    def after_action(self, payment: Payment) -> HttpResponse:
        """Show what staff look at next."""
        raise NotImplementedError

    @action(
        description="Ask the gateway",
        url_path="ask",
        permissions=["view"],
        dialog={
            "title": "Ask the gateway",
            "description": "What it says of this payment and its refunds is true here at once.",
            "form_submit_text": "Ask",
        },
    )
    def ask(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        payment = find_row(Payment, object_id)
        try:
            payment = ask_gateway(payment_id=payment.pk)
            messages.success(request, f"The gateway answered: the payment is {payment.status}.")
        except (DomainError, LookupError) as error:
            messages.error(request, f"No answer: {error}")
        return self.after_action(payment)

    @action(
        description="Looked at",
        url_path="seen",
        permissions=["mark"],
        dialog={
            "title": "Does this payment need nobody any more?",
            "description": "It leaves the list of payments that need a person. No money moves.",
            "form_class": SeenForm,
            "form_submit_text": "Looked at",
        },
    )
    def seen(self, request: HttpRequest, form: SeenForm, object_id: str) -> HttpResponse:
        payment, why = find_row(Payment, object_id), form.cleaned_data["why"]
        try:
            note_seen(payment_id=payment.pk, why=why)
            self.log_change(request, payment, f"Looked at: {why}")
            messages.success(request, "The payment needs nobody any more.")
        except DomainError as refusal:
            messages.error(request, refusal.message)
        return self.after_action(payment)

    # Unfold looks permissions with a dot up in the database, also before it has tables.
    def has_mark_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("payments.change_payment")
