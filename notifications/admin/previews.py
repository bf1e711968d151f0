"""Mails as they would be sent now, without what opens somebody's account or order."""

from base64 import b64encode
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.template.loader import render_to_string

from accounts.models import User

from ..models import Channel, Message
from ..services.mails import OF_STAFF, OutOfDate
from ..services.rendering import render, render_sms


def show_preview(message: Message, viewer: User) -> str:
    """Show a message, or say why there is nothing to show."""
    return render_to_string("admin/notifications/preview.html", _shown(message, viewer))


def _shown(message: Message, viewer: User) -> dict[str, Any]:
    permission = OF_STAFF.get(message.kind)
    if permission and not viewer.has_perm(permission):
        return {"why_not": "You may not see what this mail is about."}
    try:
        if message.channel == Channel.SMS:
            return {"text": render_sms(message, for_staff=True)}
        mail = render(message, for_staff=True)
    except OutOfDate as reason:
        return {"why_not": f"It would not be sent any more: {reason}"}
    except ObjectDoesNotExist as error:
        return {"why_not": f"What it is about was deleted: {error}"}
    except Exception as error:  # noqa: BLE001  a broken mail must not break the page that shows it
        return {"why_not": f"It cannot be written: {type(error).__name__}: {error}"}
    files = [
        (each.name, b64encode(each.content.encode()).decode(), each.type)
        for each in mail.attachments
    ]
    return {"subject": mail.subject, "html": mail.html, "text": mail.text, "files": files}
