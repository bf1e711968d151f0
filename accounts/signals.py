"""What happens to people; receivers get ids and run in the same transaction."""

from django.dispatch import Signal

user_registered = Signal()  # user_id
email_changed = Signal()  # user_id: a new address that is not verified yet
password_changed = Signal()  # user_id
cart_claimed = Signal()  # user_id, cart_id: a guest's cart that login or register names
