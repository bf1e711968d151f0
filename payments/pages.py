"""The page on which a person tries a payment with test cards; it is no part of a real shop."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@require_safe
@never_cache
def test_payment(request: HttpRequest) -> HttpResponse:
    """Show the page where payments go to the sandbox, and nothing anywhere else."""
    if not settings.PAYMENTS_USE_SANDBOX:
        raise Http404()
    page = {
        "api": "/api/v1/",
        "checkout": f"{settings.RAZORPAY_BASE_URL}/v1/checkout.js",
        "sandbox": settings.RAZORPAY_BASE_URL,
    }
    return render(request, "payments/test.html", {"page": page, "store": settings.STORE_NAME})
