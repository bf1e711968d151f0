"""Products that can be found: made as tests make them, then indexed as the shop does it."""

from catalog.models import Product
from catalog.search import BY_RELEVANCE, search_products
from catalog.search.documents import index_products
from catalog.search.vocabulary import count_new_words
from tests.catalog.factories import make_product, make_variant


def index_everything():
    """Bring documents and words in line with the rows, as receivers and workers do."""
    index_products(Product.objects.values_list("pk", flat=True))
    count_new_words()


def stock(*names, **fields):
    """Make a product of each name, in the order of the names, and index them."""
    products = [make_product(name=name, **fields) for name in names]
    index_everything()
    return products


def with_sku(sku, **fields):
    product = make_variant(sku=sku, product=make_product(**fields)).product
    index_everything()
    return product


def found(text, products=None):
    """Return the names that a text finds, best first."""
    products = Product.objects.all() if products is None else products
    matches = search_products(products, text).products.order_by(*BY_RELEVANCE, "pk")
    return [product.name for product in matches]


def corrected(text):
    return search_products(Product.objects.all(), text).corrected_query
