from catalog.spreadsheets.commands import ImportCSVCommand
from catalog.spreadsheets.stock import import_stock, is_known


class Command(ImportCSVCommand):
    help = "Record what a CSV file counted of each SKU, or its changes, each reference once."
    importer = staticmethod(import_stock)
    is_known = staticmethod(is_known)
    noun = "stocks"
