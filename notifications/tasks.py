from celery import shared_task

from .services import deliveries, erasing, feed, outbox


@shared_task(acks_late=True)
def deliver_message(message_id: str) -> None:
    outbox.deliver(message_id=message_id)


@shared_task
def deliver_pending() -> None:
    for message_id in outbox.due_messages():
        outbox.deliver(message_id=message_id)


@shared_task
def publish_events() -> None:
    feed.number_events()
    deliveries.deliver_due()


@shared_task
def delete_old_events() -> None:
    feed.delete_old_events()


@shared_task
def delete_old_messages() -> None:
    erasing.delete_old_messages()
