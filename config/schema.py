"""What the OpenAPI document says of every call: the error shape beside the answers."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers

from .errors import STATUS_OF_CODE

ErrorSerializer = inline_serializer(
    "Error",
    {
        "error": serializers.CharField(),
        "code": serializers.ChoiceField(choices=sorted(STATUS_OF_CODE)),
        "status": serializers.IntegerField(),
        "details": serializers.DictField(),
        "request_id": serializers.CharField(),
        "timestamp": serializers.DateTimeField(),
    },
)


class StoreSchema(AutoSchema):
    """Adds the one error shape as the default answer of each call."""

    def _get_response_bodies(self, direction: str = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        bodies["default"] = self._get_response_for_code(ErrorSerializer, "default")
        bodies["default"]["description"] = "Any error."
        return bodies
