from uuid import UUID

from celery import shared_task

from .services import customers, erasing, events, expiry, inbox, reconcile, refunds


@shared_task
def handle_event(event_id: str) -> None:
    events.handle_event(event_id=int(event_id))


@shared_task
def handle_pending_events() -> None:
    events.handle_pending_events()


@shared_task
def clean_refused_events() -> None:
    inbox.clean_refused_events()


@shared_task
def send_refund(refund_id: str) -> None:
    refunds.send_refund(refund_id=UUID(refund_id))


@shared_task
def send_pending_refunds() -> None:
    refunds.send_pending_refunds()


@shared_task
def reconcile_payments() -> None:
    reconcile.reconcile_payments()


@shared_task
def expire_orders() -> None:
    expiry.expire_unpaid_orders()


@shared_task
def forget_customer(customer_pk: str) -> None:
    customers.forget_customer(customer_pk=int(customer_pk))


@shared_task
def forget_pending_customers() -> None:
    customers.forget_pending_customers()


@shared_task
def empty_old_events() -> None:
    erasing.empty_old_events()
