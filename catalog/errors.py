from config.errors import DomainError


class InsufficientStock(DomainError):
    """Raised with all short lines: `items` of `{variant, requested, available}`."""

    code = "insufficient_stock"
    message = "There is not enough in stock."


class StockPromised(DomainError):
    """Raised with `orders`, the numbers or ids of those that hold the pieces."""

    code = "conflict"
    message = "These pieces are promised to orders. Cancel or ship the orders first."


class CategoryInUse(DomainError):
    code = "conflict"
    message = "The category has products or categories below it. Move them first."


class LastVariant(DomainError):
    code = "conflict"
    message = "A product has at least one variant. Delete the product instead."


class AlreadyReviewed(DomainError):
    """Raised with `review`, the id of the one that there is."""

    code = "duplicate"
    message = "You have reviewed this product. Change that review instead."


class AlreadyApplied(DomainError):
    code = "duplicate"
    message = "You have applied as a seller. Change that application instead."


class SellerTransition(DomainError):
    """Raised with `status` and what was `requested`."""

    code = "invalid_transition"
    message = "The seller cannot go there from its present state."


class OwnProduct(DomainError):
    code = "permission_denied"
    message = "Sellers do not review what they sell."


class OwnReview(DomainError):
    code = "permission_denied"
    message = "This is your own review."


class ReviewWithdrawn(DomainError):
    """Raised because one that is written anew would be shown again."""

    code = "conflict"
    message = "The shop has withdrawn this review. Change its words instead."


class InStock(DomainError):
    code = "conflict"
    message = "It is in stock: you can buy it now."
