import pytest

from orders import signals


@pytest.fixture
def heard():
    """The names of the events of orders, in the order in which they were told."""
    names, kept = [], []
    for name in (
        "order_placed",
        "order_confirmed",
        "order_paid",
        "order_status_changed",
        "order_cancelled",
    ):

        def receiver(name=name, **ids):
            names.append(name)

        signal = getattr(signals, name)
        signal.connect(receiver, weak=False)
        kept.append((signal, receiver))
    yield names
    for signal, receiver in kept:
        signal.disconnect(receiver)
