"""The words that the demonstration catalogue is made of: a tree of two levels and its goods."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Aisle:
    """A category at the end of the tree, and what the goods in it can be."""

    code: str  # begins each SKU
    root: str
    name: str
    shape: str  # what its pictures show
    brands: tuple[str, ...]
    styles: tuple[str, ...]
    nouns: tuple[str, ...]
    sentences: tuple[str, ...]  # {noun} and {style} are put in
    prices: tuple[int, int]  # rupees, lowest and highest
    grams: tuple[int, int]
    hsn_code: str
    options: dict[str, tuple[str, ...]] = field(default_factory=dict)
    facts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    tax_class: str = "standard"


COLOURS = ("Indigo", "Terracotta", "Forest Green", "Ivory", "Charcoal", "Saffron")
SIZES = ("S", "M", "L", "XL")

AISLES = (
    Aisle(
        "CKW",
        "Home and Kitchen",
        "Cookware",
        "pot",
        ("Annapurna", "Copperleaf", "Hearthline", "Rasoi & Co"),
        ("Hammered Copper", "Cast Iron", "Tri-Ply Steel", "Hard Anodised", "Enamelled"),
        ("Kadai", "Saucepan", "Frying Pan", "Stock Pot", "Tawa", "Casserole"),
        (
            "The {style} body spreads heat evenly, so that nothing catches at the edges.",
            "Riveted handles stay firm for years of daily cooking.",
            "It works on gas, electric and induction hobs.",
            "A lid that fits tightly keeps the flavour in.",
        ),
        (899, 5499),
        (800, 3200),
        "7323",
        {"capacity": ("1.5 l", "2.5 l", "4 l")},
        {"care": ("Hand wash", "Dishwasher safe")},
    ),
    Aisle(
        "TBL",
        "Home and Kitchen",
        "Tableware",
        "cup",
        ("Clay & Kiln", "Neelam", "Morning Table"),
        ("Hand-Thrown", "Speckled", "Blue Pottery", "Matte Stoneware", "Ribbed Glass"),
        ("Mug", "Dinner Plate", "Serving Bowl", "Tumbler Set", "Teapot", "Butter Dish"),
        (
            "Every {noun} is glazed by hand, and no two look quite alike.",
            "The shape sits well in the hand and stacks well on the shelf.",
            "Safe for the microwave and for the top rack of a dishwasher.",
        ),
        (249, 2499),
        (250, 1400),
        "6912",
        {"color": COLOURS},
        {"material": ("Stoneware", "Porcelain", "Glass")},
    ),
    Aisle(
        "BED",
        "Home and Kitchen",
        "Bedding",
        "pillow",
        ("Moonweave", "Softloom", "Chandni Home"),
        ("Block-Printed", "Washed Linen", "Organic Cotton", "Percale", "Quilted"),
        ("Bedsheet", "Duvet Cover", "Pillow Pair", "Throw", "Dohar"),
        (
            "A breathing weave keeps the nights cool in summer and mild in winter.",
            "It grows softer with every wash and keeps its colour.",
            "Finished with double seams and hidden buttons.",
        ),
        (799, 6999),
        (600, 2500),
        "6302",
        {"size": ("Single", "Double", "King"), "color": ("Ivory", "Indigo")},
        {"thread count": ("200", "300", "400")},
    ),
    Aisle(
        "AUD",
        "Electronics",
        "Headphones",
        "headphones",
        ("Sonaar", "Basswala", "Quietwave", "Dhun"),
        ("Wireless", "Noise-Cancelling", "Open-Back", "Studio", "Sport"),
        ("Headphones", "Earbuds", "Neckband", "Gaming Headset"),
        (
            "Tuned by ear for clear voices and a bass that does not boom.",
            "One charge lasts through a working day, and ten minutes give two hours more.",
            "Calls stay clear in wind and traffic thanks to two microphones.",
            "The {noun} folds flat into the case that comes with it.",
        ),
        (1299, 18999),
        (60, 480),
        "8518",
        {"color": ("Charcoal", "Ivory", "Indigo")},
        {"bluetooth": ("5.2", "5.3"), "battery": ("24 h", "30 h", "48 h")},
    ),
    Aisle(
        "PHA",
        "Electronics",
        "Phone Accessories",
        "phone",
        ("Tikau", "Gridline", "Voltry"),
        ("Magnetic", "Braided", "Slim", "Rugged", "Foldable"),
        ("Phone Case", "Charging Cable", "Power Bank", "Car Mount", "Wall Charger"),
        (
            "Made to survive a drop from the table and a year in a crowded bag.",
            "Fits the sockets and phones that most people have.",
            "Protection against heat and overcurrent is built in.",
        ),
        (299, 3999),
        (40, 420),
        "8504",
        {"color": ("Charcoal", "Ivory", "Saffron")},
        {"warranty": ("12 months", "24 months")},
    ),
    Aisle(
        "STO",
        "Electronics",
        "Storage Drives",
        "drive",
        ("Databagh", "Ironvault", "Pebble"),
        ("Portable", "Shock-Proof", "Encrypted", "Pocket"),
        ("SSD", "Hard Drive", "Flash Drive", "Memory Card"),
        (
            "Moves a film in seconds and keeps it safe for years.",
            "The metal shell carries heat away and takes knocks in its stride.",
            "Plug it in and it works: no drivers, no programs to install.",
        ),
        (699, 12999),
        (10, 300),
        "8523",
        {"capacity": ("256 GB", "512 GB", "1 TB", "2 TB")},
        {"interface": ("USB 3.2", "USB-C")},
    ),
    Aisle(
        "SHR",
        "Fashion",
        "Shirts",
        "shirt",
        ("Khadi Lane", "Northwind", "Meher"),
        ("Linen", "Oxford", "Handloom", "Mandarin-Collar", "Relaxed"),
        ("Shirt", "Kurta", "Overshirt", "Tunic"),
        (
            "Cut with room to move, and long enough to stay tucked in.",
            "The {style} cloth is woven in small batches and washed before it is sewn.",
            "Shell buttons and flat seams make it last.",
        ),
        (799, 3999),
        (180, 420),
        "6205",
        {"size": SIZES, "color": ("Indigo", "Ivory")},
        {"fit": ("Regular", "Relaxed", "Slim")},
    ),
    Aisle(
        "SHO",
        "Fashion",
        "Shoes",
        "shoe",
        ("Padyatra", "Trailfox", "Urban Sole"),
        ("Suede", "Canvas", "Running", "Leather", "Woven"),
        ("Sneakers", "Loafers", "Sandals", "Boots", "Juttis"),
        (
            "A cushioned footbed takes the hardness out of city pavements.",
            "The sole grips wet stone and can be replaced.",
            "They need no breaking in: wear them out of the box.",
        ),
        (999, 7999),
        (500, 1300),
        "6403",
        {"size": ("6", "7", "8", "9", "10")},
        {"sole": ("Rubber", "Crepe", "EVA")},
    ),
    Aisle(
        "BAG",
        "Fashion",
        "Bags",
        "bag",
        ("Carrywell", "Jhola", "Meridian"),
        ("Waxed Canvas", "Vegetable-Tanned", "Everyday", "Quilted", "Roll-Top"),
        ("Backpack", "Tote", "Messenger Bag", "Weekender", "Laptop Sleeve"),
        (
            "Pockets are where the hand looks for them, and the laptop has its own.",
            "Rain runs off the {style} cloth, and the zips are covered.",
            "Straps are bar-tacked at every point that carries weight.",
        ),
        (899, 8999),
        (300, 1600),
        "4202",
        {"color": ("Terracotta", "Forest Green", "Charcoal")},
        {"volume": ("12 l", "18 l", "24 l", "35 l")},
    ),
    Aisle(
        "SKN",
        "Beauty and Care",
        "Skin Care",
        "bottle",
        ("Vanya", "Aloe & Ash", "Rooh"),
        ("Rose", "Turmeric", "Vitamin C", "Sandalwood", "Unscented"),
        ("Face Serum", "Day Cream", "Cleanser", "Body Butter", "Sun Screen SPF 50"),
        (
            "A light formula that sinks in quickly and leaves no film.",
            "Made without parabens, and never tested on animals.",
            "A little goes a long way: one pack lasts about two months.",
        ),
        (249, 1999),
        (60, 320),
        "3304",
        {"volume": ("50 ml", "100 ml", "200 ml")},
        {"skin type": ("All", "Dry", "Oily", "Sensitive")},
    ),
    Aisle(
        "HAR",
        "Beauty and Care",
        "Hair Care",
        "bottle",
        ("Kesh", "Bhringa", "Riverwash"),
        ("Hibiscus", "Coconut", "Amla", "Argan", "Neem"),
        ("Shampoo", "Conditioner", "Hair Oil", "Hair Mask"),
        (
            "Cleans gently and leaves the hair soft without weighing it down.",
            "The {style} is pressed cold, so that it keeps what makes it good.",
            "Suitable for coloured hair and for daily use.",
        ),
        (199, 1299),
        (120, 480),
        "3305",
        {"volume": ("100 ml", "250 ml", "400 ml")},
        {"hair type": ("All", "Dry", "Curly")},
    ),
    Aisle(
        "FIT",
        "Sports and Outdoors",
        "Fitness",
        "dumbbell",
        ("Akhada", "Stride", "Coreline"),
        ("Adjustable", "Non-Slip", "Cork", "Professional", "Travel"),
        ("Yoga Mat", "Dumbbell", "Resistance Band", "Skipping Rope", "Foam Roller"),
        (
            "Built for daily training at home or in the gym.",
            "The grip stays sure when hands are wet.",
            "It rolls up or packs flat, and wipes clean in a moment.",
        ),
        (299, 5999),
        (200, 9000),
        "9506",
        {"color": ("Charcoal", "Indigo", "Saffron")},
        {"level": ("Beginner", "Intermediate", "Advanced")},
    ),
    Aisle(
        "CMP",
        "Sports and Outdoors",
        "Camping",
        "tent",
        ("Himvan", "Basecamp", "Lanternfish"),
        ("Ultralight", "All-Weather", "Insulated", "Compact", "Family"),
        ("Tent", "Sleeping Bag", "Flask", "Headlamp", "Camp Stove"),
        (
            "Tried out through a monsoon in the Western Ghats.",
            "It packs down small and weighs less than it looks.",
            "Every part that can wear out can be ordered again.",
        ),
        (499, 14999),
        (150, 4200),
        "6306",
        {"color": ("Forest Green", "Saffron")},
        {"season": ("Three seasons", "Four seasons")},
    ),
    Aisle(
        "STA",
        "Paper and Play",
        "Stationery",
        "book",
        ("Paperboat", "Inkwell Row", "Kagaz"),
        ("Dotted", "Handmade", "Hardbound", "Recycled", "Pocket"),
        ("Notebook", "Planner", "Sketchbook", "Fountain Pen", "Letter Set"),
        (
            "Paper that takes ink well and does not show it on the other side.",
            "The binding opens flat on any page.",
            "Printed with vegetable inks on paper from managed forests.",
        ),
        (99, 1899),
        (80, 700),
        "4820",
        {"color": COLOURS},
        {"paper": ("90 gsm", "100 gsm", "120 gsm")},
    ),
    Aisle(
        "TOY",
        "Paper and Play",
        "Toys and Games",
        "blocks",
        ("Lattoo", "Little Banyan", "Gully Games"),
        ("Wooden", "Magnetic", "Classic", "Cooperative", "Pocket"),
        ("Building Blocks", "Puzzle", "Board Game", "Spinning Top", "Card Game"),
        (
            "Sanded smooth and painted with colours that are safe in small mouths.",
            "Explained in five minutes, and fun for the whole afternoon.",
            "All pieces fit back into the box.",
        ),
        (199, 2999),
        (150, 1500),
        "9503",
        {},
        {"age": ("3+", "6+", "8+", "12+"), "players": ("1", "2-4", "3-6")},
    ),
    Aisle(
        "TEA",
        "Food and Drink",
        "Tea and Coffee",
        "leaf",
        ("Nilgiri Mist", "Monsoon Roast", "Chai Katha"),
        ("Single-Estate", "First Flush", "Dark Roast", "Masala", "Decaffeinated"),
        ("Black Tea", "Green Tea", "Coffee Beans", "Filter Coffee", "Herbal Infusion"),
        (
            "Picked by hand, and packed within a week of the harvest.",
            "The cup is full and smooth, with a long clean finish.",
            "Comes in a bag that closes again and keeps the aroma in.",
        ),
        (149, 1499),
        (100, 1100),
        "0902",
        {"weight": ("100 g", "250 g", "500 g")},
        {"origin": ("Nilgiris", "Darjeeling", "Coorg", "Assam")},
        "reduced",
    ),
)

TAGS = (
    "Gift idea",
    "Handmade",
    "Staff favourite",
    "New arrival",
    "Eco-friendly",
    "Made in India",
    "Limited edition",
    "Travel",
    "Everyday",
    "Festive",
    "Minimal",
    "Work from home",
)

# Title, description, and the aisles that it draws from.
COLLECTIONS = (
    ("Festive Table", "Everything for a long evening with guests.", ("CKW", "TBL", "TEA")),
    ("Desk Reset", "Small things that make a working day better.", ("STA", "AUD", "STO", "PHA")),
    ("Monsoon Ready", "For wet streets and slow mornings.", ("CMP", "BAG", "SHO", "TEA")),
    ("Slow Mornings", "A quiet start, with care.", ("TBL", "SKN", "HAR", "BED")),
    ("Weekend Outdoors", "Pack light, walk far.", ("CMP", "FIT", "BAG")),
)

_FIRST_NAMES = (
    "Asha Rohan Meera Arjun Kavya Vikram Ananya Dev Priya Kabir "
    "Ishita Nikhil Farah Imran Leela Samuel Grace Daniel Emily Marcus "
    "Olivia Noah Sofia Ethan Maya Lucas Chloe Omar Tara Neil"
)
FIRST_NAMES = tuple(_FIRST_NAMES.split())
_LAST_NAMES = (
    "Rao Iyer Sharma Menon Kapoor Nair Das Patel Khan "
    "Fernandes Reddy Bose Gill Joshi Pillai Carter Hughes Nguyen "
    "Garcia Bennett Foster Morales Reed Brooks Kim"
)
LAST_NAMES = tuple(_LAST_NAMES.split())

# City, state, first postal code, streets.
INDIAN_CITIES = (
    ("Bengaluru", "KA", 560001, ("MG Road", "Residency Road", "Church Street")),
    ("Mysuru", "KA", 570001, ("Sayyaji Rao Road", "Irwin Road")),
    ("Mumbai", "MH", 400001, ("Marine Drive", "Hill Road", "Linking Road")),
    ("Pune", "MH", 411001, ("Laxmi Road", "East Street")),
    ("New Delhi", "DL", 110001, ("Janpath", "Lodhi Road")),
    ("Chennai", "TN", 600001, ("Mount Road", "Cathedral Road")),
    ("Hyderabad", "TS", 500001, ("Abids Road", "Banjara Road")),
    ("Kolkata", "WB", 700001, ("Park Street", "College Street")),
    ("Kochi", "KL", 682001, ("Marine Walk", "Princess Street")),
    ("Jaipur", "RJ", 302001, ("Station Road", "Mirza Ismail Road")),
)
AMERICAN_CITIES = (
    ("New York", "NY", 10001, ("Hudson Street", "Lexington Avenue")),
    ("San Francisco", "CA", 94103, ("Valencia Street", "Folsom Street")),
    ("Austin", "TX", 78701, ("Congress Avenue", "Rainey Street")),
    ("Seattle", "WA", 98101, ("Pike Street", "Union Street")),
)
