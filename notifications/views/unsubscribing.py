"""The link of a mail that ends the mails of its topic: for people, mail programs and frontends."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer, TemplateHTMLRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.errors import NotFound
from config.parsers import LimitedJSONParser

from ..models import Topic
from ..serializers.notices import UndoSerializer, UnsubscribedSerializer
from ..services.unsubscribing import Subscription, read_token, subscribe_again, unsubscribe

PAGE = "notifications/unsubscribe.html"


@extend_schema(tags=["notifications"])
class UnsubscribeView(APIView):
    permission_classes = [AllowAny]
    # Many people's clicks come from few addresses of a mail provider, and none may be lost.
    throttle_classes = []
    parser_classes = [LimitedJSONParser, FormParser, MultiPartParser]
    renderer_classes = [JSONRenderer, TemplateHTMLRenderer]

    @extend_schema(request=None, responses=UnsubscribedSerializer)
    def get(self, request: Request, token: str) -> Response:
        """End the mails that the token of a mail is about; a second time changes nothing."""
        return self._answer(token, unsubscribe(token=token), is_done=True)

    def head(self, request: Request, token: str) -> Response:
        """Tell that the link is good, and change nothing: scanners of mails ask this way."""
        return self._answer(token, read_token(token), is_done=False)

    @extend_schema(request=UndoSerializer, responses=UnsubscribedSerializer)
    def post(self, request: Request, token: str) -> Response:
        """End the mails as mail programs do it (RFC 8058), or with `undo` let them go on."""
        body = UndoSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        if body.validated_data["undo"]:
            return self._answer(token, subscribe_again(token=token), is_done=False)
        return self._answer(token, unsubscribe(token=token), is_done=True)

    def handle_exception(self, exc: Exception) -> Response:
        """Refuse in the one shape of errors, also where a browser asked for the page."""
        self.request.accepted_renderer = JSONRenderer()
        self.request.accepted_media_type = JSONRenderer.media_type
        return super().handle_exception(exc)

    def _answer(self, token: str, found: Subscription, *, is_done: bool) -> Response:
        data = {"topic": found.topic.value, "email": found.email, "unsubscribed": is_done}
        headers = {"Cache-Control": "no-store"}
        if isinstance(self.request.accepted_renderer, TemplateHTMLRenderer):
            context = _page(token, found, is_done=is_done)
            return Response(context, template_name=PAGE, headers=headers)
        return Response(UnsubscribedSerializer(data).data, headers=headers)


@require_safe
@never_cache
def unsubscribe_page(request: HttpRequest, token: str) -> HttpResponse:
    """Stand in for the frontend's page that a mail's link leads to."""
    try:
        if request.method == "HEAD":
            return render(request, PAGE, _page(token, read_token(token), is_done=False))
        return render(request, PAGE, _page(token, unsubscribe(token=token), is_done=True))
    except NotFound as refusal:
        context = {"store": settings.STORE_NAME, "shop": settings.FRONTEND_URL}
        return render(request, PAGE, context | {"refusal": refusal.message}, status=404)


def _page(token: str, found: Subscription, *, is_done: bool) -> dict[str, object]:
    return {
        "store": settings.STORE_NAME,
        "shop": settings.FRONTEND_URL,
        "topic": found.topic.label,
        "email": found.email,
        "is_done": is_done,
        "has_account": found.user_id is not None,
        # What is always told whoever refuses the rest.
        "is_about_orders": found.topic == Topic.ORDER_UPDATES,
        "action": reverse("unsubscribe", args=[token]),
    }
