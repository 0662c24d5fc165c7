//! The picture that is shown where a file is missing.

use std::{io::Cursor, sync::LazyLock};

use image::{ImageFormat, Rgb, RgbImage};

const SIDE: u32 = 320;
const GROUND: Rgb<u8> = Rgb([236, 239, 241]);
const DRAWING: Rgb<u8> = Rgb([176, 190, 197]);

static PNG: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let picture = RgbImage::from_fn(SIDE, SIDE, |x, y| if is_drawn(x, y) { DRAWING } else { GROUND });
    let mut png = Cursor::new(Vec::new());
    picture.write_to(&mut png, ImageFormat::Png).expect("writing a picture to memory cannot fail");
    png.into_inner()
});

/// The picture as a PNG: a frame with a sun and two hills.
pub fn placeholder_png() -> &'static [u8] {
    &PNG
}

fn is_drawn(x: u32, y: u32) -> bool {
    let (x, y) = (i64::from(x), i64::from(y));
    let inside = (80..240).contains(&x) && (100..220).contains(&y);
    let frame = inside && !((88..232).contains(&x) && (108..212).contains(&y));
    let sun = (x - 120).pow(2) + (y - 136).pow(2) <= 14_i64.pow(2);
    let near = y - 150 >= (x - 180).abs();
    let far = y - 172 >= (x - 130).abs();
    frame || sun || (inside && (near || far))
}
