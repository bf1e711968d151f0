from catalog.spreadsheets.columns import is_known
from catalog.spreadsheets.commands import ImportCSVCommand
from catalog.spreadsheets.products import import_products


class Command(ImportCSVCommand):
    help = "Create or change products of a CSV file, one row a variant, found by SKU and slug."
    importer = staticmethod(import_products)
    is_known = staticmethod(is_known)
    noun = "products"
