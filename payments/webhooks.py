"""Where gateways tell news: the signature is checked over the raw bytes, the event is stored."""

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.events import enqueue

from . import tasks
from .errors import SignatureInvalid
from .gateways import Gateway, gateway_for
from .models import Signature
from .services.inbox import note_refused, store_event


class WebhookView(APIView):
    authentication_classes = []
    permission_classes = [AllowAny]
    throttle_classes = []

    @extend_schema(
        summary="Take an event of a gateway",
        request=OpenApiTypes.OBJECT,
        responses={200: OpenApiTypes.OBJECT},
        description=(
            "For gateways only. 400 `signature_invalid` does nothing but show staff that "
            "somebody called."
        ),
    )
    def post(self, request: Request, gateway: str) -> Response:
        try:
            sender = gateway_for(gateway)
        except LookupError:
            raise Http404()
        body = request.body
        if not sender.is_signed(body, request.headers):
            self._note_refused(sender, request)
            raise SignatureInvalid()
        event_id = sender.event_id(body, request.headers)
        event = store_event(gateway_id=sender.id, event_id=event_id, body=body)
        if event is not None:
            enqueue(tasks.handle_event, event.pk)
        return Response({})

    @staticmethod
    def _note_refused(sender: Gateway, request: Request) -> None:
        if not (name := sender.signature_header):  # it sends no events, so nothing was lost
            return
        signature = Signature.INVALID if request.headers.get(name) else Signature.MISSING
        note_refused(gateway_id=sender.id, body=request.body, signature=signature)
