"""What happens to people; receivers get ids and run in the same transaction."""

from django.dispatch import Signal

user_registered = Signal()  # user_id
# user_id, event_id: an address that must be verified. It comes again for the same address when
# asked for once more or changed back, each time with another event_id and worth a mail of its own.
email_changed = Signal()
password_changed = Signal()  # user_id
# user_id, email: erase what you keep of this person, and of the address that was surely theirs
user_erased = Signal()
# user_id, cart_ids: what may be a guest's carts, best first; the first that is one counts
cart_claimed = Signal()
