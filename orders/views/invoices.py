"""The invoice of an order, for people to read."""

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from config.errors import NotFound

from ..models import Invoice
from ..permissions import IsUserOrHoldsToken
from ..services.access import find_order
from ..services.invoice_pdf import render_invoice


class AcceptAnything(BaseContentNegotiation):
    """Let callers who accept nothing but a PDF in; what they read of an error is JSON."""

    def select_renderer(
        self,
        request: Request,
        renderers: list[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        return renderers[0], renderers[0].media_type


class InvoiceView(APIView):
    permission_classes = [IsUserOrHoldsToken]
    content_negotiation_class = AcceptAnything

    @extend_schema(
        summary="The invoice of an order as a PDF",
        auth=[{"jwtAuth": []}, {}],
        parameters=[
            OpenApiParameter("token", description="A guest's `access_token`: stands for the owner.")
        ],
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
        description="From its payment on; before, 404.",
    )
    def get(self, request: Request, id: str) -> HttpResponse:
        order = find_order(request.user, request.query_params.get("token", ""), id)
        invoices = Invoice.objects.select_related("order").prefetch_related("order__lines")
        invoice = invoices.filter(order=order).first()
        if invoice is None:
            raise NotFound("There is no invoice yet: it is made when the order is paid.")
        headers = {
            "Content-Disposition": f'attachment; filename="{invoice.number}.pdf"',
            "Cache-Control": "private, no-store",
        }
        return HttpResponse(
            render_invoice(invoice), content_type="application/pdf", headers=headers
        )
