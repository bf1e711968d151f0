from .documents import CancellationDocumentAdmin
from .orders import OrderAdmin
from .returns import ReturnRequestAdmin

__all__ = ["CancellationDocumentAdmin", "OrderAdmin", "ReturnRequestAdmin"]
