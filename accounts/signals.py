"""What happens to people; receivers get ids and run in the same transaction."""

from django.dispatch import Signal

user_registered = Signal()  # user_id
# user_id, event_id: an address that must be verified. It comes again for the same address when
# asked for once more or changed back, each time with another event_id and worth a mail of its own.
email_changed = Signal()
# user_id, channel, previous, event_id: somebody has another e-mail ("email") or phone ("sms") now;
# whoever reads the previous one should know
contact_replaced = Signal()
password_changed = Signal()  # user_id, event_id
# user_id, event_id, change: it was turned "on" or "off", or has new recovery "codes"
two_factor_changed = Signal()
reset_asked = Signal()  # code_id: a worker shall find out whose it is
# user_id, code_id, channel: send the digits of this code by "email" or "sms"
code_requested = Signal()
# user_id, email: erase what you keep of this person, and of the address that was surely theirs
user_erased = Signal()
# email, done: erase what you keep of whoever used this address (in small letters) without an
# account, and add to the Counter `done` how many rows of what that was
guest_erased = Signal()
# user_id, cart_ids: what may be a guest's carts, best first; the first that is one counts
cart_claimed = Signal()
