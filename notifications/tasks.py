from celery import shared_task

from .services import deliveries, erasing, feed, notices, outbox, reminders, staff_mails


@shared_task(acks_late=True)
def deliver_message(message_id: str) -> None:
    outbox.deliver(message_id=message_id)


@shared_task
def deliver_pending() -> None:
    outbox.deliver_due()


@shared_task
def publish_events() -> None:
    feed.number_events()
    deliveries.deliver_due()


@shared_task
def delete_old_events() -> None:
    feed.delete_old_events()


@shared_task
def remind_carts() -> None:
    reminders.remind_carts()


@shared_task
def delete_old_notifications() -> None:
    notices.delete_old_notifications()


@shared_task
def queue_staff_mails() -> None:
    staff_mails.queue_due()


@shared_task
def delete_old_messages() -> None:
    erasing.delete_old_messages()
