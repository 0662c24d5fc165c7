//! Pictures: whether bytes are one and nothing else, and small versions of them.
//!
//! Pictures come from anybody. What they claim to be is looked at before anything is unpacked, and unpacking has limits
//! of its own, so that a few bytes cannot become gigabytes.

use std::{io::Cursor, sync::Arc};

use bytes::Bytes;
use image::{DynamicImage, ImageFormat, ImageReader, Limits, codecs::jpeg::JpegEncoder};
use service_kit::{Error, Result};
use tokio::sync::Semaphore;

/// The most pixels a picture has: 40 megapixels, more than a telephone takes.
const PIXELS_MAX: u64 = 40_000_000;

/// The most memory that unpacking one picture takes.
const UNPACKED_MAX_BYTES: u64 = 256 * 1024 * 1024;

/// What is wrong with bytes that claim to be a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// They cannot be read.
    Broken,
    /// There are more pixels than allowed.
    TooLarge,
    /// Something else comes after the picture.
    NotOnlyPicture,
}

/// A small version of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// At most 160 pixels on its longer side.
    Thumbnail,
    /// At most 480 pixels on its longer side.
    Card,
}

impl Variant {
    /// The variant of a name in a URL.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "thumbnail" => Some(Self::Thumbnail),
            "card" => Some(Self::Card),
            _ => None,
        }
    }

    /// Its name in URLs and keys.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Thumbnail => "thumbnail",
            Self::Card => "card",
        }
    }

    fn side(self) -> u32 {
        match self {
            Self::Thumbnail => 160,
            Self::Card => 480,
        }
    }
}

/// Whether bytes of this type are checked here: pictures that are unpacked somewhere.
pub fn is_picture(mime_type: &str) -> bool {
    mime_type.starts_with("image/")
}

/// Looks whether the bytes are a picture of the type, of a decent size, and nothing else. Nothing is unpacked.
///
/// # Errors
/// What is wrong.
pub fn check(mime_type: &str, bytes: &[u8]) -> Result<(), Flaw> {
    let (end, size) = match mime_type {
        "image/png" => (png_end(bytes), dimensions(bytes)),
        "image/webp" => (webp_end(bytes), dimensions(bytes)),
        "image/jpeg" => (jpeg_end(bytes), dimensions(bytes)),
        "image/gif" => (gif_end(bytes), gif_dimensions(bytes)),
        _ => return Err(Flaw::Broken),
    };
    // The longest side that a WebP can have, of 16,384 pixels, its reader takes for one of none.
    let (width, height) = size.filter(|(width, height)| *width > 0 && *height > 0).ok_or(Flaw::Broken)?;
    if u64::from(width) * u64::from(height) > PIXELS_MAX {
        return Err(Flaw::TooLarge);
    }
    let rest = bytes.get(end.ok_or(Flaw::Broken)?..).unwrap_or_default();
    // Cameras append things of their own to a JPEG, which are harmless as long as nobody else can read them.
    let harmless = rest.is_empty() || (mime_type == "image/jpeg" && !is_readable_otherwise(rest));
    if harmless { Ok(()) } else { Err(Flaw::NotOnlyPicture) }
}

/// A variant of a picture, as a JPEG, or as a PNG where it is transparent. `None` when the bytes are none that can be made
/// smaller.
///
/// # Errors
/// A fault of the machine.
pub async fn shrink(bytes: Bytes, variant: Variant) -> Result<Option<Bytes>> {
    static SLOTS: std::sync::LazyLock<Arc<Semaphore>> = std::sync::LazyLock::new(|| Arc::new(Semaphore::new(2)));
    let slot = SLOTS.clone().acquire_owned().await;
    let slot = slot.map_err(|error| Error::internal("waiting to make a picture smaller", error))?;
    let work = tokio::task::spawn_blocking(move || {
        let _slot = slot;
        unpack(&bytes).and_then(|picture| pack(&picture.thumbnail(variant.side(), variant.side())))
    });
    work.await.map_err(|error| Error::internal("making a picture smaller", error))
}

fn reader(bytes: &[u8]) -> Option<ImageReader<Cursor<&[u8]>>> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(UNPACKED_MAX_BYTES);
    reader.limits(limits);
    Some(reader)
}

fn dimensions(bytes: &[u8]) -> Option<(u32, u32)> {
    reader(bytes)?.into_dimensions().ok()
}

fn gif_dimensions(bytes: &[u8]) -> Option<(u32, u32)> {
    let &[width_low, width_high, height_low, height_high] = bytes.get(6..10)? else { return None };
    let side = |low, high| u32::from(u16::from_le_bytes([low, high]));
    Some((side(width_low, width_high), side(height_low, height_high)))
}

fn unpack(bytes: &[u8]) -> Option<DynamicImage> {
    let (width, height) = dimensions(bytes)?;
    if u64::from(width) * u64::from(height) > PIXELS_MAX {
        return None;
    }
    reader(bytes)?.decode().ok()
}

fn pack(picture: &DynamicImage) -> Option<Bytes> {
    let mut packed = Cursor::new(Vec::new());
    if picture.color().has_alpha() {
        picture.write_to(&mut packed, ImageFormat::Png).ok()?;
    } else {
        picture.to_rgb8().write_with_encoder(JpegEncoder::new_with_quality(&mut packed, 82)).ok()?;
    }
    Some(Bytes::from(packed.into_inner()))
}

/// Where a PNG ends: after its chunk `IEND`.
fn png_end(bytes: &[u8]) -> Option<usize> {
    let mut at = 8;
    loop {
        let head = bytes.get(at..at + 8)?;
        let length = usize::try_from(u32::from_be_bytes(head[..4].try_into().ok()?)).ok()?;
        at = at.checked_add(length)?.checked_add(12)?;
        if &head[4..] == b"IEND" {
            return (at <= bytes.len()).then_some(at);
        }
    }
}

/// Where a WebP ends: its container says so.
fn webp_end(bytes: &[u8]) -> Option<usize> {
    let length = usize::try_from(u32::from_le_bytes(bytes.get(4..8)?.try_into().ok()?)).ok()?;
    // An odd length is padded by one byte.
    let end = length.checked_add(8)?.checked_add(length % 2)?;
    (end <= bytes.len()).then_some(end)
}

/// Where a JPEG ends: after its marker `EOI`. Segments are stepped over; in the packed pixels no marker can stand but
/// those that mean it.
fn jpeg_end(bytes: &[u8]) -> Option<usize> {
    let mut at = 2;
    loop {
        let marker = match bytes.get(at..at + 2)? {
            [0xff, 0xff] => {
                at += 1;
                continue;
            }
            [0xff, marker] => *marker,
            _ => return None,
        };
        at += 2;
        match marker {
            0xd9 => return Some(at),
            0x01 | 0xd0..=0xd7 => {}
            _ => {
                at += usize::from(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?));
                if marker == 0xda {
                    at += bytes
                        .get(at..)?
                        .windows(2)
                        .position(|pair| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xff | 0xd0..=0xd7))?;
                }
            }
        }
    }
}

/// Where a GIF ends: after its trailer. Its blocks are stepped over. At least one of them is a frame, and each frame is
/// within the screen, whose size is looked at elsewhere.
fn gif_end(bytes: &[u8]) -> Option<usize> {
    if !bytes.starts_with(b"GIF87a") && !bytes.starts_with(b"GIF89a") {
        return None;
    }
    let (width, height) = gif_dimensions(bytes)?;
    let mut at = 13 + gif_colours_bytes(*bytes.get(10)?);
    let mut has_frame = false;
    loop {
        match *bytes.get(at)? {
            // An extension: its kind, then its data.
            0x21 => at = gif_data_end(bytes, at + 2)?,
            // A frame: its place, its size, its colours, the width of its codes, then its data.
            0x2c => {
                let frame = bytes.get(at + 1..at + 10)?;
                let number = |from: usize| u32::from(u16::from_le_bytes([frame[from], frame[from + 1]]));
                if number(0) + number(4) > width || number(2) + number(6) > height {
                    return None;
                }
                at = gif_data_end(bytes, at + 11 + gif_colours_bytes(frame[8]))?;
                has_frame = true;
            }
            0x3b => return has_frame.then_some(at + 1),
            _ => return None,
        }
    }
}

/// How long the table of colours is that follows such flags.
fn gif_colours_bytes(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 * (2_usize << (flags & 0x07)) }
}

/// Where the data of a block end, which begin at `at`: in pieces that each begin with their length, the last one empty.
fn gif_data_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let length = usize::from(*bytes.get(at)?);
        at += 1 + length;
        if length == 0 {
            return Some(at);
        }
    }
}

/// Whether bytes could be an archive, a page or a document to a program that looks for one.
fn is_readable_otherwise(bytes: &[u8]) -> bool {
    const MARKS: [&[u8]; 8] =
        [b"PK\x03\x04", b"PK\x05\x06", b"<html", b"<script", b"<!doctype", b"<?php", b"%pdf-", b"rar!"];
    let lower = bytes.to_ascii_lowercase();
    let found = |mark: &[u8]| {
        let mark = mark.to_ascii_lowercase();
        lower.windows(mark.len()).any(|window| window == mark)
    };
    MARKS.into_iter().any(found)
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Rgb, RgbImage, Rgba, RgbaImage};

    use super::*;

    fn picture(format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        RgbImage::from_fn(600, 300, |x, y| Rgb([(x % 256) as u8, (y % 256) as u8, 7]))
            .write_to(&mut bytes, format)
            .unwrap();
        bytes.into_inner()
    }

    const KINDS: [(&str, ImageFormat); 3] =
        [("image/png", ImageFormat::Png), ("image/jpeg", ImageFormat::Jpeg), ("image/webp", ImageFormat::WebP)];

    /// A GIF of one pixel. Each frame has a delay before it and every second one colours of its own, and in a comment
    /// stands what elsewhere would be the end.
    fn gif(frames: usize) -> Vec<u8> {
        let mut bytes = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff".to_vec();
        bytes.extend(b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0\x21\xfe\x03hi;\0");
        for number in 0..frames {
            bytes.extend(b"\x21\xf9\x04\0\x0a\0\0\0\x2c\0\0\0\0\x01\0\x01\0");
            bytes.extend(if number % 2 == 0 { &b"\0"[..] } else { &b"\x80\0\0\0\xff\xff\xff"[..] });
            bytes.extend(b"\x02\x02\x44\x01\0");
        }
        bytes.push(b';');
        bytes
    }

    /// CRC-32, as the header of a PNG is followed by.
    fn checksum(bytes: &[u8]) -> u32 {
        let shifted = |sum: u32| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 };
        !bytes.iter().fold(u32::MAX, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), |sum, _| shifted(sum)))
    }

    /// A picture whose header claims another size than it has, and is right in everything else.
    fn claiming(format: ImageFormat, width: u32, height: u32) -> Vec<u8> {
        let mut bytes = picture(format);
        match format {
            ImageFormat::Png => {
                bytes[16..20].copy_from_slice(&width.to_be_bytes());
                bytes[20..24].copy_from_slice(&height.to_be_bytes());
                let sum = checksum(&bytes[12..29]);
                bytes[29..33].copy_from_slice(&sum.to_be_bytes());
            }
            ImageFormat::Jpeg => {
                let at = bytes.windows(2).position(|pair| pair == b"\xff\xc0").unwrap();
                bytes[at + 5..at + 7].copy_from_slice(&(height as u16).to_be_bytes());
                bytes[at + 7..at + 9].copy_from_slice(&(width as u16).to_be_bytes());
            }
            ImageFormat::WebP => {
                let sides = (width - 1) | ((height - 1) << 14);
                bytes[21..25].copy_from_slice(&sides.to_le_bytes());
            }
            other => panic!("{other:?} is not made here"),
        }
        bytes
    }

    #[test]
    fn a_picture_is_one_and_something_appended_to_it_is_found() {
        for (mime_type, format) in KINDS {
            let good = picture(format);
            assert_eq!(check(mime_type, &good), Ok(()), "{mime_type}");
            for appended in [&b"PK\x03\x04 an archive"[..], b"<script>alert(1)</script>\xff\xd9"] {
                let polyglot = [good.as_slice(), appended].concat();
                assert_eq!(check(mime_type, &polyglot), Err(Flaw::NotOnlyPicture), "{mime_type}");
            }
            assert_eq!(check(mime_type, &good[..good.len() - 40]), Err(Flaw::Broken), "{mime_type}");
        }
        let with_trailer = [picture(ImageFormat::Jpeg), b"SEFT of a telephone".to_vec()].concat();
        assert_eq!(check("image/jpeg", &with_trailer), Ok(()));
    }

    #[test]
    fn a_gif_ends_with_its_trailer_and_something_behind_it_is_found() {
        for frames in 1..=3 {
            let good = gif(frames);
            assert_eq!(check("image/gif", &good), Ok(()), "{frames} frames");
            for length in 0..good.len() {
                assert_eq!(check("image/gif", &good[..length]), Err(Flaw::Broken), "{length} bytes of {frames} frames");
            }
            for appended in [&b"PK\x03\x04 an archive"[..], b"PK\x03\x04 one;", b"<script>alert(1)</script>;", b";"] {
                let polyglot = [good.as_slice(), appended].concat();
                assert_eq!(check("image/gif", &polyglot), Err(Flaw::NotOnlyPicture), "{frames} frames");
            }
        }
        for page in [&b"<script>alert(1)</script>;"[..], b" and then a page", b"/*;*/=1;"] {
            let page = [&b"GIF89a\x01\0\x01\0\0\0\0"[..], page].concat();
            assert_eq!(check("image/gif", &page), Err(Flaw::Broken));
        }
        assert_eq!(check("image/gif", &gif(0)), Err(Flaw::Broken), "without a frame it is no picture");
    }

    #[test]
    fn a_bomb_is_refused_by_what_it_says_of_itself() {
        for (mime_type, format) in KINDS {
            assert!(claiming(format, 600, 300) == picture(format), "{mime_type}: nothing is changed but the size");
            assert_eq!(check(mime_type, &claiming(format, 8_000, 5_000)), Ok(()), "{mime_type}: this many are allowed");
            let longest = if format == ImageFormat::WebP { 16_383 } else { 65_000 };
            for (width, height) in [(longest, longest), (8_000, 5_001)] {
                let bomb = claiming(format, width, height);
                assert_eq!(check(mime_type, &bomb), Err(Flaw::TooLarge), "{mime_type} of {width} x {height}");
            }
        }
        let mut whole = Cursor::new(Vec::new());
        GrayImage::new(8_000, 5_001).write_to(&mut whole, ImageFormat::Png).unwrap();
        assert_eq!(check("image/png", &whole.into_inner()), Err(Flaw::TooLarge), "also when all its pixels are there");
        let longest = claiming(ImageFormat::WebP, 16_384, 16_384);
        assert_eq!(check("image/webp", &longest), Err(Flaw::Broken), "its reader sees no pixel in it");

        assert_eq!(check("image/gif", b"GIF89a\xff\xff\xff\xff;"), Err(Flaw::TooLarge));
        let mut frame = gif(1);
        let at = frame.windows(9).position(|bytes| bytes == b"\x2c\0\0\0\0\x01\0\x01\0").unwrap();
        frame[at + 5..at + 9].fill(0xff);
        assert_eq!(check("image/gif", &frame), Err(Flaw::Broken), "a frame is within the screen");
    }

    #[tokio::test]
    async fn a_variant_fits_its_frame_and_keeps_what_is_transparent() {
        for (_, format) in KINDS {
            let small = shrink(picture(format).into(), Variant::Thumbnail).await.unwrap().unwrap();
            let small = image::load_from_memory(&small).unwrap();
            assert_eq!((small.width(), small.height()), (160, 80));
        }
        let mut bytes = Cursor::new(Vec::new());
        RgbaImage::from_pixel(500, 500, Rgba([1, 2, 3, 0])).write_to(&mut bytes, ImageFormat::Png).unwrap();
        let card = shrink(bytes.into_inner().into(), Variant::Card).await.unwrap().unwrap();
        let card = image::load_from_memory(&card).unwrap();
        assert!(card.color().has_alpha() && card.width() == 480);
        assert_eq!(shrink(Bytes::from_static(b"no picture"), Variant::Card).await.unwrap(), None);
    }
}
