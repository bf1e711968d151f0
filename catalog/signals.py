"""What happens in the catalogue; receivers get ids and run in the same transaction."""

from django.dispatch import Signal

stock_changed = Signal()  # variant_ids: whose last piece went, or whose first came
stock_low = Signal()  # variant_ids: whose alert of low stock has opened
product_changed = Signal()  # product_ids
seller_suspended = Signal()  # seller_id
group_renamed = Signal()  # name: the old one of a category or tag; also when moved or deleted
image_added = Signal()  # image_id: a picture that needs its thumbnail
back_in_stock = Signal()  # request_ids: of StockRequest rows, which go after their answer
