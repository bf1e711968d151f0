"""A few tiny views behind the real middleware, settings and error handler."""

from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import HttpResponse
from django.urls import path, re_path
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.models import Category, Product
from config import errors, health
from config.idempotency import idempotent
from config.throttles import CheckoutThrottle


class Echo(APIView):
    permission_classes = [AllowAny]

    def get(self, request):
        return Response({"said": "x" * int(request.query_params.get("length", 1))})

    def post(self, request):
        return Response({"got": request.data})


class Private(APIView):
    def get(self, request):
        return Response({"id": str(request.user.pk)})


class Forbidden(APIView):
    permission_classes = [AllowAny]

    def get(self, request):
        raise PermissionDenied


class Fields(APIView):
    permission_classes = [AllowAny]

    def post(self, request):
        raise serializers.ValidationError({"name": ["Give a name."]})


class Refused(APIView):
    permission_classes = [AllowAny]

    def post(self, request):
        raise errors.DomainError("Not now.", items=[1])


class Broken(APIView):
    permission_classes = [AllowAny]

    def get(self, request):
        raise ZeroDivisionError("a secret of the code")


class Busy(APIView):
    permission_classes = [AllowAny]

    def get(self, request):
        raise OperationalError("database is locked")


class Throttled(APIView):
    permission_classes = [AllowAny]
    throttle_classes = [CheckoutThrottle]

    def get(self, request):
        return Response({})

    def post(self, request):
        return Response({})


def plain_broken(request):
    raise ZeroDivisionError("a secret of the code")


def plain_page(request):
    return HttpResponse("<h1>No</h1>", status=410)


class ProductSerializer(serializers.ModelSerializer):
    class Meta:
        model = Product
        fields = ["id", "name", "price", "created_at"]


class Products(ListAPIView):
    permission_classes = [AllowAny]
    serializer_class = ProductSerializer

    def get_queryset(self):
        key = self.request.query_params.get("ordering", "-created_at")
        return Product.objects.order_by(key, "-pk" if key.startswith("-") else "pk")


class MakeCategory(APIView):
    """Makes a category once for each key; `fail` refuses, `then` runs inside the work."""

    permission_classes = [AllowAny]
    then = staticmethod(lambda: None)

    def post(self, request):
        return idempotent(
            request,
            "probe",
            lambda: self.work(request),
            secrets=lambda body: {"secret": f"derived from {body['id']}"},
            secret_fields=("secret",),
        )

    def work(self, request):
        name = request.data["name"]
        category = Category.objects.create(name=name, slug=name)
        MakeCategory.then()
        if request.data.get("fail"):
            raise errors.DomainError()
        body = {"id": category.pk, "secret": f"derived from {category.pk}"}
        return Response(body, status=201, headers={"Location": f"/api/v1/made/{category.pk}/"})


urlpatterns = [
    path("api/v1/echo/", Echo.as_view()),
    path("api/v1/private/", Private.as_view()),
    path("api/v1/forbidden/", Forbidden.as_view()),
    path("api/v1/fields/", Fields.as_view()),
    path("api/v1/refused/", Refused.as_view()),
    path("api/v1/broken/", Broken.as_view()),
    path("api/v1/busy/", Busy.as_view()),
    path("api/v1/throttled/", Throttled.as_view()),
    path("api/v1/plain-broken/", plain_broken),
    path("api/v1/plain-page/", plain_page),
    path("api/v1/products/", Products.as_view()),
    path("api/v1/make/", MakeCategory.as_view()),
    path("health/live/", health.live),
    path("health/ready/", health.ready),
    re_path(r"^api/", errors.not_found),
]
