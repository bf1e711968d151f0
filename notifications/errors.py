from config.errors import DomainError


class AddressRefused(DomainError):
    """An address that webhooks may not be sent to."""

    code = "validation_error"
    message = "Webhooks are not sent to this address."


class EndpointOff(DomainError):
    message = "The endpoint is switched off. Switch it on first."
