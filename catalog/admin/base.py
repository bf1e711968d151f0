"""What the screens of the catalogue share: services write, and their refusals are form errors."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin

from config.admin import AmountsMixin
from config.errors import DomainError


class ServiceAdmin(AmountsMixin, ModelAdmin):
    """A page whose rows are written by services; what one refuses is shown above the form."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ANN401
        try:
            return super().changeform_view(request, *args, **kwargs)
        except DomainError as refusal:
            # Everything is undone by now: the same page again, with the error in its form.
            request.refusal = refusal  # type: ignore[attr-defined]
            return super().changeform_view(request, *args, **kwargs)

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> type[forms.ModelForm]:  # noqa: ANN401
        form = super().get_form(request, *args, **kwargs)
        refusal = getattr(request, "refusal", None)
        return type(form.__name__, (RefusableForm, form), {"refusal": refusal})


class RefusableForm(forms.ModelForm):
    """A form that shows what a service refused."""

    refusal: DomainError | None = None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.refusal:
            fields = self.refusal.details.items()
            texts = [f"{name}: {' '.join(map(str, value))}" for name, value in fields]
            is_input = self.refusal.code == "validation_error"
            self.add_error(None, texts if is_input and texts else self.refusal.message)
        return cleaned if cleaned is not None else self.cleaned_data
