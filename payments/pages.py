"""The page on which a person tries a payment with test cards; it is no part of a real shop."""

from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

# What the page says of each gateway that it can pay through.
_GATEWAYS = {
    "razorpay": ("Razorpay", "Checkout over this page: cards and UPI"),
    "stripe": ("Stripe", "A card on this page, with 3-D Secure"),
    "chapa": ("Chapa", "A page of its own; takes ETB and USD"),
}


@require_safe
@never_cache
def test_payment(request: HttpRequest) -> HttpResponse:
    """Show the page where payments go to the sandbox, and nothing anywhere else."""
    _refuse_in_a_real_shop()
    sandbox = settings.RAZORPAY_BASE_URL
    page = {
        "api": "/api/v1/",
        "sandbox": sandbox,
        "scripts": {
            "razorpay": f"{sandbox}/v1/checkout.js",
            "stripe": f"{settings.STRIPE_BASE_URL}/v3/",
        },
    }
    gateways = [(name, *_GATEWAYS[name]) for name in _gateways_in(sandbox)]
    context = {"page": page, "store": settings.STORE_NAME, "gateways": gateways}
    return render(request, "payments/test.html", context)


@require_safe
@never_cache
def show_order(request: HttpRequest, number: str) -> HttpResponse:
    """Lead from where a frontend would show an order to the page that stands in for one."""
    _refuse_in_a_real_shop()
    query = {"order": number, **request.GET.dict()}
    return redirect(f"{reverse('test-payment')}?{urlencode(query)}")


def _refuse_in_a_real_shop() -> None:
    if not settings.PAYMENTS_USE_SANDBOX:
        raise Http404()


def _gateways_in(sandbox: str) -> list[str]:
    """Name the gateways that the sandbox stands in for: one with own keys goes elsewhere."""
    addresses = {
        "razorpay": settings.RAZORPAY_BASE_URL,
        "stripe": settings.STRIPE_BASE_URL,
        "chapa": settings.CHAPA_BASE_URL,
    }
    return [name for name, address in addresses.items() if address.startswith(sandbox)]
