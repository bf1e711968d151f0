from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from config.audit import Audit
from config.money import AmountField

from .. import rules


class TaxRate(models.Model):
    """What is taxed in a place: the row with a state beats the one without."""

    country = models.CharField(max_length=2)
    # The code where the country's states are coded, else its name.
    state = models.CharField(max_length=100, blank=True)
    tax_class = models.CharField(max_length=30, default="standard")
    rate = models.DecimalField(max_digits=7, decimal_places=4, help_text="Percent.")
    # [{"name": "CGST", "rate": "9.00"}, …]; empty for a rate without named parts.
    parts = models.JSONField(default=list, blank=True)
    is_active = models.BooleanField(default=True)

    audit = Audit(name="__str__")

    class Meta:
        ordering = ["country", "state", "tax_class", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["country", "state", "tax_class"], name="tax_rate_once_a_place_and_class"
            ),
            models.CheckConstraint(
                condition=Q(rate__gte=0, rate__lte=100), name="tax_rate_in_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.state} {self.tax_class}".replace("  ", " ")

    def clean(self) -> None:
        """Refuse a place that is none, and parts that are not the whole; keep codes as codes."""
        self.tax_class = self.tax_class.lower()
        with _errors_on("country"):
            self.country = rules.read_country(self.country)
        with _errors_on("state"):
            self.state = rules.read_state(self.country, self.state)
        if self.rate is None:  # refused already
            return
        if not 0 <= self.rate <= 100:
            raise ValidationError({"rate": "Give a percentage from 0 to 100."})
        with _errors_on("parts"):
            self.parts = rules.read_parts(self.parts, self.rate)


class ShippingZone(models.Model):
    """The places that share shipping methods: countries, or postal codes within them."""

    name = models.CharField(max_length=100, unique=True)
    countries = models.JSONField(default=list, blank=True)
    # Ranges and prefixes: ["560001-560100", "11*"]; empty for whole countries.
    postal_codes = models.JSONField(default=list, blank=True)

    audit = Audit(name="name")

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a zone that is nowhere, and postal codes that could never match."""
        with _errors_on("countries"):
            self.countries = rules.read_countries(self.countries)
        with _errors_on("postal_codes"):
            self.postal_codes = rules.read_postal_codes(self.postal_codes)
        if not self.countries and not self.postal_codes:
            raise ValidationError({"countries": "Name at least one country or postal code."})


class BandBy(models.TextChoices):
    SUBTOTAL = "subtotal"
    WEIGHT = "weight"


class ShippingMethod(models.Model):
    """A way to send an order into a zone, and what it costs."""

    zone = models.ForeignKey(ShippingZone, models.CASCADE, related_name="methods")
    name = models.CharField(max_length=100)
    price = AmountField()
    free_from = AmountField(null=True, blank=True, validators=[MinValueValidator(0)])
    band_by = models.CharField(max_length=10, choices=BandBy.choices, default=BandBy.SUBTOTAL)
    # [{"up_to": "1000", "price": "49.00"}, …] by subtotal or grams; above the last, `price`.
    bands = models.JSONField(default=list, blank=True)
    min_days = models.PositiveSmallIntegerField(default=2)
    max_days = models.PositiveSmallIntegerField(default=7)
    tax_class = models.CharField(max_length=30, default="shipping")
    cash_on_delivery = models.BooleanField(default=False)
    cash_on_delivery_max = AmountField(null=True, blank=True, validators=[MinValueValidator(0)])
    is_active = models.BooleanField(default=True)

    audit = Audit(name="name")

    class Meta:
        ordering = ["price", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(price__gte=0), name="shipping_price_not_negative"),
            models.CheckConstraint(
                condition=Q(max_days__gte=models.F("min_days")), name="shipping_days_in_order"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse bands out of order, and a last day before the first."""
        self.tax_class = self.tax_class.lower()
        with _errors_on("bands"):
            self.bands = rules.read_bands(self.bands)
        if None in (self.min_days, self.max_days):  # refused already
            return
        if self.max_days < self.min_days:
            message = f"Give at least min_days, which is {self.min_days}."
            raise ValidationError({"max_days": message})


@contextmanager
def _errors_on(field: str) -> Iterator[None]:
    """Let what a rule refuses be told of a field."""
    try:
        yield
    except ValidationError as error:
        raise ValidationError({field: error.messages})
