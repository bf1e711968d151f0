"""What happens to people; receivers get ids and run in the same transaction."""

from django.dispatch import Signal

user_registered = Signal()  # user_id
email_changed = Signal()  # user_id: an address that is not verified yet, or asked for once more
password_changed = Signal()  # user_id
user_erased = Signal()  # user_id: erase what you keep of this person
cart_claimed = Signal()  # user_id, cart_id: a guest's cart, which may not exist
