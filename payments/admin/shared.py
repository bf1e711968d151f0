"""What the staff screens of payments share: what may be done to a payment."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.services.auditing import record
from config.admin_dialogs import find_row
from config.errors import DomainError

from ..models import Payment
from ..services.ask import ask_gateway
from ..services.locked import note_seen


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
            record(payment, "gateway_asked")
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
