from celery import shared_task

from .services import passwords, retention
from .services.attempts import delete_ended_windows
from .services.cleaning import delete_expired_proofs, delete_expired_sessions
from .services.tokens import delete_expired_tokens


@shared_task
def clean_expired() -> None:
    delete_expired_tokens()
    delete_ended_windows()
    delete_expired_proofs()
    delete_expired_sessions()


@shared_task
def erase_inactive_people() -> None:
    retention.erase_inactive_users()


@shared_task(acks_late=True)
def address_reset(code_id: str) -> None:
    passwords.address_reset(code_id=code_id)


@shared_task
def address_resets() -> None:
    for code_id in passwords.unaddressed_codes():
        passwords.address_reset(code_id=code_id)
