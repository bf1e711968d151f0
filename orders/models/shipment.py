from urllib.parse import quote
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils import timezone

from config.audit import Audit

MAX_TRACKING = 64

# Where a parcel of a carrier is followed, by the carrier's name without spaces and signs.
TRACKING_PAGES = {
    "bluedart": "https://www.bluedart.com/trackdartresultthirdparty?trackFor=0&trackNo={}",
    "delhivery": "https://www.delhivery.com/track-v2/package/{}",
    "dhl": "https://www.dhl.com/en/express/tracking.html?AWB={}",
    "fedex": "https://www.fedex.com/fedextrack/?trknbr={}",
    "ups": "https://www.ups.com/track?tracknum={}",
    "usps": "https://tools.usps.com/go/TrackConfirmAction?tLabels={}",
}


class Shipment(models.Model):
    """A parcel that left: which pieces of an order, with whom, and how to follow it."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    order = models.ForeignKey("orders.Order", models.CASCADE, related_name="shipments")
    carrier = models.CharField(max_length=64, blank=True)
    tracking_number = models.CharField(max_length=MAX_TRACKING, blank=True)
    shipped_at = models.DateTimeField(default=timezone.now)

    audit = Audit(name="order.number", masked=("tracking_number",))

    class Meta:
        ordering = ["shipped_at", "id"]

    def __str__(self) -> str:
        return f"{self.carrier} {self.tracking_number}".strip() or str(self.pk)

    @property
    def tracking_url(self) -> str:
        """The carrier's page of this parcel, or nothing where the page is not known."""
        name = "".join(sign for sign in self.carrier.lower() if sign.isalnum())
        page = TRACKING_PAGES.get(name, "") if self.tracking_number else ""
        return page.format(quote(self.tracking_number, safe=""))


class ShipmentLine(models.Model):
    """Pieces of one order line in a parcel."""

    shipment = models.ForeignKey(Shipment, models.CASCADE, related_name="lines")
    line = models.ForeignKey("orders.OrderLine", models.CASCADE, related_name="sendings")
    quantity = models.PositiveIntegerField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["shipment", "line"], name="shipment_line_once"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1), name="shipment_line_quantity_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.line_id}"
