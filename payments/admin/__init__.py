from .events import GatewayEventAdmin
from .payments import PaymentAdmin
from .refunds import RefundAdmin
from .to_check import PaymentToCheckAdmin

__all__ = ["GatewayEventAdmin", "PaymentAdmin", "PaymentToCheckAdmin", "RefundAdmin"]
