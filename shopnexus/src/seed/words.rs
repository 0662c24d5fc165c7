//! Names of people, places and shops, and what people say of things.

/// Family names.
pub(super) const FAMILY_NAMES: &[&str] =
    &["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương"];

/// Given names.
pub(super) const GIVEN_NAMES: &[&str] = &[
    "Minh Anh",
    "Bảo Châu",
    "Quốc Bảo",
    "Thu Hà",
    "Gia Huy",
    "Ngọc Lan",
    "Đức Long",
    "Khánh Linh",
    "Hải Nam",
    "Phương Thảo",
    "Anh Tuấn",
    "Thanh Trúc",
    "Hoài An",
    "Tuấn Kiệt",
    "Mỹ Duyên",
    "Nhật Quang",
];

/// Cities with the middle of each, in degrees north and east.
pub(super) const CITIES: &[(&str, f64, f64)] = &[
    ("Hà Nội", 21.0278, 105.8342),
    ("Hồ Chí Minh", 10.7769, 106.7009),
    ("Đà Nẵng", 16.0544, 108.2022),
    ("Cần Thơ", 10.0452, 105.7469),
    ("Huế", 16.4637, 107.5909),
    ("Hải Phòng", 20.8449, 106.6881),
];

/// Streets that every city has.
pub(super) const STREETS: &[&str] = &[
    "Lê Lợi",
    "Trần Hưng Đạo",
    "Nguyễn Huệ",
    "Hai Bà Trưng",
    "Lý Thường Kiệt",
    "Phan Chu Trinh",
    "Điện Biên Phủ",
    "Nguyễn Trãi",
    "Bà Triệu",
    "Quang Trung",
];

/// Shops with what they say of themselves.
pub(super) const SHOPS: &[(&str, &str)] = &[
    ("Demo Store", "A little of everything, sent the same day."),
    ("Sông Hồng Market", "Everyday goods from the Red River delta."),
    ("Saigon Select", "Picked by hand in District 1."),
    ("Lotus Living", "Quiet things for a quiet home."),
    ("Hạ Long Outfitters", "Gear for the sea and the hills above it."),
    ("Bến Thành Bazaar", "Market prices without the market."),
    ("Mekong Mercantile", "Goods from the river, since 2014."),
    ("Hội An Tailors", "Cut and sewn in the old town."),
    ("Đà Lạt Garden", "From the highlands, fresh and slow."),
    ("Tràng Tiền Books", "Readers who sell to readers."),
    ("Phở Street Kitchen", "Pots, pans and what goes into them."),
    ("Gốm Bát Tràng", "Ceramics from the village of potters."),
    ("Tech Thăng Long", "Electronics with a warranty that is honoured."),
    ("Nha Trang Sport", "For people who get up before the sun."),
    ("Sapa Weavers", "Textiles from the northern mountains."),
    ("Little Dragon", "Toys and clothes for small people."),
    ("An Nhiên Beauty", "Simple care with short lists of ingredients."),
    ("Hanoi Home", "Furniture for narrow houses."),
    ("Cần Thơ Pantry", "Dry goods, well kept."),
    ("Sơn Trà Outdoor", "Tents, packs and good advice."),
    ("Vinh Audio", "Sound first."),
];

/// What tells one product from the next of its kind.
pub(super) const QUALITIES: &[&str] = &[
    "Classic",
    "Compact",
    "Everyday",
    "Premium",
    "Light",
    "Studio",
    "Urban",
    "Heritage",
    "Essential",
    "Travel",
    "Deluxe",
    "Eco",
    "Mini",
    "Signature",
    "Modern",
    "Soft",
    "Bold",
    "Natural",
    "Original",
    "Family",
];

/// Names that makers give themselves.
pub(super) const BRANDS: &[&str] = &[
    "Lumora",
    "Veltra",
    "Kinhao",
    "Saola",
    "Norrin",
    "Bamboo & Co",
    "Halcyra",
    "Tamdao",
    "Orivo",
    "Pinewick",
    "Mayflor",
    "Zenith Lab",
    "Rivermint",
    "Cocora",
    "Altiva",
    "Fernway",
];

/// Where things come from.
pub(super) const ORIGINS: &[&str] = &["Vietnam", "Vietnam", "Vietnam", "Thailand", "Japan", "Korea", "Indonesia"];

/// How a description begins; `{}` is the product.
pub(super) const OPENINGS: &[&str] = &[
    "The {} is made for days that ask a lot.",
    "We tried a dozen others before we settled on the {}.",
    "A {} that does one thing well and does it for years.",
    "Simple, sturdy and easy to care for: the {}.",
    "Our customers asked for a better one, and the {} is the answer.",
];

/// How a description ends.
pub(super) const CLOSINGS: &[&str] = &[
    "It comes in a box that can be recycled, with a card that says how to look after it.",
    "Every piece is checked by hand before it leaves the shop.",
    "Parcels leave on the day of the order when it comes before three in the afternoon.",
    "If it is not what you expected, send it back within seven days.",
    "Questions are welcome in the chat; we answer within the hour.",
];

/// What a buyer writes who gives so many stars, from one to five.
pub(super) const OPINIONS: [&[&str]; 5] = [
    &["It broke in the first week.", "Not at all what the pictures show."],
    &["Works, but feels cheaper than it is.", "Smaller than I thought, and slow to arrive."],
    &["Does its job. Nothing more, nothing less.", "Good for the price; the packaging was dented."],
    &["Good quality, I would buy it again.", "Very happy with it, only the colour is a little darker.", "Solid."],
    &[
        "Exactly as described, and it came a day early.",
        "The best one I have had. My sister ordered one too.",
        "Beautifully made. Thank you!",
        "Great quality and a very helpful shop.",
    ],
];

/// A name of plain letters as it stands in a URL.
pub(super) fn slug(name: &str) -> String {
    let mut slug = String::new();
    for character in name.chars() {
        if character.is_ascii_alphanumeric() {
            slug.push(character.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}
