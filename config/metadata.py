"""What OPTIONS answers: how to call; what a body holds is told by the OpenAPI document."""

from typing import Any

from rest_framework.metadata import BaseMetadata
from rest_framework.request import Request


class CallMetadata(BaseMetadata):
    """Names the types of content alone, so that no object is looked up for it."""

    def determine_metadata(self, request: Request, view: Any) -> dict[str, Any]:  # noqa: ANN401
        return {
            "name": view.get_view_name(),
            "description": view.get_view_description(),
            "renders": [renderer.media_type for renderer in view.renderer_classes],
            "parses": [parser.media_type for parser in view.parser_classes],
        }
