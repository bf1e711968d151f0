"""Currencies, the smallest amounts, and what Razorpay keeps for itself."""

from payments.sandbox.razorpay.errors import Refusal


def codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


NO_DECIMALS = codes("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF")
THREE_DECIMALS = codes("BHD IQD JOD KWD OMR TND")
TWO_DECIMALS = codes(
    "AED ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BZD CAD CHF CNY"
    " COP CRC CUP CVE CZK DKK DOP DZD EGP ETB EUR FJD GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF"
    " IDR ILS INR JMD KES KGS KHR KYD KZT LAK LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MUR MVR MWK"
    " MXN MYR MZN NAD NGN NIO NOK NPR NZD PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SCR SEK SGD SLL"
    " SOS SSP SVC SZL THB TRY TTD TWD TZS UAH USD UYU UZS XCD YER ZAR ZMW"
)
CURRENCIES = NO_DECIMALS | TWO_DECIMALS | THREE_DECIMALS
# Paise for one unit: rates that stand still, so that a test can repeat a sum. Any other: 100.
PAISE = {"INR": 100, "USD": 8400, "EUR": 9100, "GBP": 10700, "AED": 2290, "ETB": 70, "JPY": 56}


def exponent(currency: str) -> int:
    if currency in NO_DECIMALS:
        return 0
    return 3 if currency in THREE_DECIMALS else 2


def check_currency(currency: object) -> str:
    if not currency:
        raise Refusal("The currency field is required.", field="currency")
    if not isinstance(currency, str) or currency not in CURRENCIES:
        raise Refusal("Currency is not supported", field="currency")
    return currency


def check_amount(amount: object, currency: str) -> int:
    """The amount as it may be ordered, captured or refunded, in the smallest unit."""
    if amount is None:
        raise Refusal("The amount field is required.", field="amount")
    if isinstance(amount, bool) or not isinstance(amount, int):
        raise Refusal("The amount must be an integer.", field="amount")
    if currency == "INR" and amount < 100:
        raise Refusal("The amount must be at least INR 1.00", field="amount")
    if amount < 1:
        raise Refusal("The amount must be at least 1.", field="amount")
    if currency in THREE_DECIMALS and amount % 10:
        raise Refusal(f"The last digit of the amount must be 0 for {currency}.", field="amount")
    return amount


def fee_and_tax(amount: int) -> tuple[int, int]:
    """Two per cent, and the 18 per cent of tax that are inside them."""
    fee = (amount * 2 + 50) // 100
    return fee, -(-fee * 18 // 118)


def in_rupees(amount: int, currency: str) -> int:
    """The amount in paise, at the sandbox's own rates."""
    return amount * PAISE.get(currency, 100) // 10 ** exponent(currency)


def shown(amount: int, currency: str) -> str:
    """The amount for a reader: 149900 INR as 1,499.00."""
    places = exponent(currency)
    whole, rest = divmod(amount, 10**places)
    return f"{whole:,}.{rest:0{places}}" if places else f"{whole:,}"
