//! What kinds of things are sold: departments, their shelves, and what lies there.

/// A category at the top.
pub(super) struct Department {
    /// Its name.
    pub(super) name: &'static str,
    /// A sentence about it.
    pub(super) description: &'static str,
    /// The categories below it.
    pub(super) shelves: &'static [Shelf],
    /// What its things are made of.
    pub(super) materials: &'static [&'static str],
    /// What the seller says about them.
    pub(super) praise: &'static [&'static str],
    /// The hue of its pictures.
    pub(super) colour: [u8; 3],
}

/// A category that products are in.
pub(super) struct Shelf {
    /// Its name.
    pub(super) name: &'static str,
    /// What lies on it.
    pub(super) things: &'static [&'static str],
    /// The lowest and the highest price, in thousands of dong.
    pub(super) price_thousands: (i64, i64),
    /// The lightest and the heaviest, in grams.
    pub(super) grams: (i64, i64),
    /// What the SKUs of a product differ in, and how.
    pub(super) variants: (&'static str, &'static [&'static str]),
}

const COLOURS: (&str, &[&str]) = ("Colour", &["Black", "White", "Navy", "Sage", "Sand", "Terracotta"]);
const SIZES: (&str, &[&str]) = ("Size", &["S", "M", "L", "XL"]);
const SHOES: (&str, &[&str]) = ("Size", &["38", "39", "40", "41", "42", "43"]);
const STORAGE: (&str, &[&str]) = ("Storage", &["128 GB", "256 GB", "512 GB"]);
const PACKS: (&str, &[&str]) = ("Pack", &["Single", "Pack of 3", "Pack of 6"]);
const COVERS: (&str, &[&str]) = ("Cover", &["Paperback", "Hardcover"]);

const fn shelf(
    name: &'static str,
    things: &'static [&'static str],
    price_thousands: (i64, i64),
    grams: (i64, i64),
    variants: (&'static str, &'static [&'static str]),
) -> Shelf {
    Shelf { name, things, price_thousands, grams, variants }
}

/// Everything that is sold.
pub(super) const CATALOG: &[Department] = &[
    Department {
        name: "Electronics",
        description: "Phones, sound and what a desk needs.",
        shelves: &[
            shelf("Phones and Tablets", &["Smartphone", "Tablet", "E-Reader"], (2_900, 19_900), (180, 700), STORAGE),
            shelf(
                "Audio",
                &["Headphones", "Earbuds", "Bluetooth Speaker", "Soundbar"],
                (290, 5_900),
                (60, 2_500),
                COLOURS,
            ),
            shelf(
                "Computer Accessories",
                &["Mechanical Keyboard", "Wireless Mouse", "USB-C Hub", "Laptop Stand", "Webcam"],
                (150, 2_400),
                (90, 1_400),
                COLOURS,
            ),
        ],
        materials: &["Aluminium", "Recycled plastic", "Magnesium alloy"],
        praise: &[
            "The battery lasts through a long day and charges over lunch.",
            "It pairs at once with phones and laptops of every make.",
            "The keys and switches are made to be replaced, not thrown away.",
        ],
        colour: [40, 90, 170],
    },
    Department {
        name: "Fashion",
        description: "Clothes, shoes and bags.",
        shelves: &[
            shelf(
                "Women's Clothing",
                &["Linen Dress", "Silk Blouse", "Wide Trousers", "Cardigan"],
                (190, 1_500),
                (150, 700),
                SIZES,
            ),
            shelf(
                "Men's Clothing",
                &["Oxford Shirt", "Cotton T-Shirt", "Chino Trousers", "Rain Jacket"],
                (120, 1_400),
                (180, 900),
                SIZES,
            ),
            shelf(
                "Shoes",
                &["Running Shoes", "Canvas Sneakers", "Leather Sandals", "Loafers"],
                (250, 2_600),
                (450, 1_200),
                SHOES,
            ),
            shelf(
                "Bags",
                &["Backpack", "Tote Bag", "Crossbody Bag", "Weekend Bag"],
                (180, 1_900),
                (250, 1_300),
                COLOURS,
            ),
        ],
        materials: &["Cotton", "Linen", "Silk", "Wool blend", "Leather"],
        praise: &[
            "The cut is generous and the seams are doubled where it matters.",
            "It keeps its shape and colour after many washes.",
            "Wear it to work in the morning and to the river at night.",
        ],
        colour: [180, 70, 110],
    },
    Department {
        name: "Home and Kitchen",
        description: "For rooms, tables and stoves.",
        shelves: &[
            shelf(
                "Cookware",
                &["Cast-Iron Pan", "Stock Pot", "Wok", "Rice Cooker", "Chef's Knife"],
                (150, 3_200),
                (300, 4_500),
                PACKS,
            ),
            shelf(
                "Tableware",
                &["Tea Set", "Noodle Bowl", "Dinner Plate", "Coffee Filter", "Chopsticks"],
                (45, 900),
                (150, 2_200),
                COLOURS,
            ),
            shelf(
                "Furniture",
                &["Bookshelf", "Side Table", "Floor Cushion", "Desk", "Bamboo Stool"],
                (350, 6_500),
                (1_500, 24_000),
                COLOURS,
            ),
            shelf(
                "Lighting",
                &["Desk Lamp", "Paper Lantern", "Floor Lamp", "Night Light"],
                (120, 1_900),
                (200, 4_000),
                COLOURS,
            ),
        ],
        materials: &["Bamboo", "Stoneware", "Cast iron", "Acacia wood", "Stainless steel"],
        praise: &[
            "It fits the small rooms of a tube house and the long table of a family.",
            "The surface is easy to clean and does not mind heat.",
            "No two pieces are quite alike, because hands made them.",
        ],
        colour: [190, 130, 50],
    },
    Department {
        name: "Beauty and Health",
        description: "Care for skin, hair and rest.",
        shelves: &[
            shelf("Skin Care", &["Face Cream", "Sun Screen", "Rice Serum", "Clay Mask"], (90, 950), (60, 350), PACKS),
            shelf("Hair Care", &["Shampoo", "Hair Oil", "Wooden Comb"], (60, 480), (80, 600), PACKS),
            shelf(
                "Wellness",
                &["Massage Ball", "Essential Oil", "Herbal Tea", "Sleep Mask"],
                (50, 620),
                (40, 500),
                PACKS,
            ),
        ],
        materials: &["Rice bran", "Coconut oil", "Green tea", "Pomelo flower"],
        praise: &[
            "The list of ingredients is short, and you know them all.",
            "It has a light scent that is gone before you leave the house.",
            "It was tested on the people who make it.",
        ],
        colour: [120, 170, 120],
    },
    Department {
        name: "Sports and Outdoors",
        description: "For the gym, the road and the hills.",
        shelves: &[
            shelf(
                "Fitness",
                &["Yoga Mat", "Dumbbell", "Skipping Rope", "Resistance Band"],
                (80, 1_500),
                (150, 9_000),
                COLOURS,
            ),
            shelf(
                "Camping",
                &["Tent", "Sleeping Bag", "Camping Stove", "Head Torch", "Hammock"],
                (150, 4_200),
                (120, 4_800),
                COLOURS,
            ),
            shelf(
                "Cycling",
                &["Bicycle Helmet", "Bicycle Lock", "Pannier", "Cycling Gloves"],
                (120, 1_800),
                (90, 1_600),
                SIZES,
            ),
        ],
        materials: &["Ripstop nylon", "Natural rubber", "Carbon steel", "Cork"],
        praise: &[
            "It stood up to a week of rain on the Hà Giang loop.",
            "It packs small and weighs little.",
            "The grip holds when hands are wet.",
        ],
        colour: [50, 140, 130],
    },
    Department {
        name: "Books and Toys",
        description: "For reading, drawing and playing.",
        shelves: &[
            shelf(
                "Books",
                &["Cookbook", "Travel Journal", "Picture Book", "Short Stories"],
                (60, 420),
                (180, 1_100),
                COVERS,
            ),
            shelf(
                "Stationery",
                &["Notebook", "Fountain Pen", "Watercolour Set", "Desk Calendar"],
                (35, 690),
                (60, 800),
                COLOURS,
            ),
            shelf(
                "Toys",
                &["Wooden Train", "Puzzle", "Building Blocks", "Plush Buffalo"],
                (70, 980),
                (120, 2_100),
                PACKS,
            ),
        ],
        materials: &["Recycled paper", "Beech wood", "Organic cotton", "Water-based ink"],
        praise: &[
            "It makes a present that is used and not only unwrapped.",
            "Children find more to do with it than the box says.",
            "The paper takes ink well and lies flat.",
        ],
        colour: [130, 90, 170],
    },
];
