"""The invoice and the credit notes of an order, for people to read."""

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from config.errors import NotFound

from ..models import CreditNote, Invoice
from ..permissions import IsUserOrHoldsToken
from ..services.access import find_order
from ..services.documents.credit_note import render_credit_note
from ..services.documents.invoice import render_invoice

PDF = {
    "auth": [{"jwtAuth": []}, {}],
    "parameters": [
        OpenApiParameter("token", description="A guest's `access_token`: stands for the owner.")
    ],
    "responses": {(200, "application/pdf"): OpenApiTypes.BINARY},
}


class AcceptAnything(BaseContentNegotiation):
    """Let callers who accept nothing but a PDF in; what they read of an error is JSON."""

    def select_renderer(
        self,
        request: Request,
        renderers: list[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        return renderers[0], renderers[0].media_type


class DocumentView(APIView):
    permission_classes = [IsUserOrHoldsToken]
    content_negotiation_class = AcceptAnything

    @staticmethod
    def answer(number: str, content: bytes) -> HttpResponse:
        headers = {
            "Content-Disposition": f'attachment; filename="{number}.pdf"',
            "Cache-Control": "private, no-store",
        }
        return HttpResponse(content, content_type="application/pdf", headers=headers)


class InvoiceView(DocumentView):
    @extend_schema(
        summary="The invoice of an order as a PDF",
        description="From its payment on; before, 404.",
        **PDF,
    )
    def get(self, request: Request, id: str) -> HttpResponse:
        order = find_order(request.user, request.query_params.get("token", ""), id)
        invoices = Invoice.objects.select_related("order").prefetch_related("order__lines")
        invoice = invoices.filter(order=order).first()
        if invoice is None:
            raise NotFound("There is no invoice yet: it is made when the order is paid.")
        return self.answer(invoice.number, render_invoice(invoice))


class CreditNoteView(DocumentView):
    @extend_schema(
        summary="A credit note of an order as a PDF",
        description="`number` is one of the order's `credit_notes`.",
        **PDF,
    )
    def get(self, request: Request, id: str, number: str) -> HttpResponse:
        order = find_order(request.user, request.query_params.get("token", ""), id)
        notes = CreditNote.objects.to_draw().filter(invoice__order=order)
        note = notes.filter(number=number.upper()).first()
        if note is None:
            raise NotFound()
        return self.answer(note.number, render_credit_note(note))
