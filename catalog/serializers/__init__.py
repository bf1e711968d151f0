from .brief import ProductBriefSerializer, VariantBriefSerializer, media_url, thumbnail_url

__all__ = [
    "ProductBriefSerializer",
    "VariantBriefSerializer",
    "media_url",
    "thumbnail_url",
]
