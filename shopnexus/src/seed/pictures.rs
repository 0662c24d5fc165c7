//! Pictures of products: a gradient with a shape on it, drawn here.

use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::thread;

use entities::common::{
    attachment::{self, AttachedKind},
    resource::{self, ResourceState, ResourceStorage},
};
use image::{ImageFormat, Rgb, RgbImage};
use kernel::ResourceId;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::dice::Dice;
use super::products::Offer;
use super::rows::Progress;
use crate::failure::{Context, Result};

const SIDE: u32 = 256;

/// A picture with its rows.
pub(super) struct Picture {
    /// The file.
    pub(super) resource: resource::Model,
    /// Its place among the files of its product.
    pub(super) attachment: attachment::Model,
    key: String,
    png: Vec<u8>,
}

/// What a picture shows.
struct Motif {
    ground: [u8; 3],
    shape: Shape,
    size: i32,
}

#[derive(Clone, Copy)]
enum Shape {
    Disc,
    Square,
    Diamond,
    Ring,
}

/// Draws one picture for each product, on every processor.
pub(super) fn draw(dice: &mut Dice, offers: &[Offer]) -> Vec<Picture> {
    let motifs: Vec<Motif> = offers.iter().map(|offer| motif(dice, offer.colour)).collect();
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let share = motifs.len().div_ceil(processors).max(1);
    let pngs: Vec<Vec<u8>> = thread::scope(|scope| {
        let workers: Vec<_> = motifs
            .chunks(share)
            .map(|motifs| scope.spawn(|| motifs.iter().map(Motif::png).collect::<Vec<_>>()))
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("drawing does not panic")).collect()
    });
    offers.iter().zip(pngs).map(|(offer, png)| picture(dice, offer, png)).collect()
}

/// Puts the files where the common module looks for them.
pub(super) fn store(data_dir: &Path, pictures: &[Picture], progress: &Progress) -> Result<()> {
    for picture in pictures {
        let file = data_dir.join("objects").join(&picture.key);
        let directory = file.parent().unwrap_or(data_dir);
        fs::create_dir_all(directory)
            .and_then(|()| fs::write(&file, &picture.png))
            .context(|| format!("{} cannot be written", file.display()))?;
        progress.advance(1);
    }
    Ok(())
}

fn motif(dice: &mut Dice, colour: [u8; 3]) -> Motif {
    let mut near = |part: u8| {
        let part = i64::from(part) + dice.number(-35..=35);
        u8::try_from(part.clamp(0, 255)).unwrap_or(u8::MAX)
    };
    let ground = colour.map(&mut near);
    let shape = *dice.pick(&[Shape::Disc, Shape::Square, Shape::Diamond, Shape::Ring]);
    Motif { ground, shape, size: i32::try_from(dice.number(50..=90)).unwrap_or(70) }
}

fn picture(dice: &mut Dice, offer: &Offer, png: Vec<u8>) -> Picture {
    let created_at = offer.product.created_at;
    let id: ResourceId = dice.id(created_at);
    let key = format!("{id}/{}", dice.id::<Uuid>(created_at));
    let resource = resource::Model {
        id,
        owner_id: offer.seller.account.id,
        storage: ResourceStorage::Stored,
        state: ResourceState::Complete,
        file_name: format!("{}.png", offer.product.slug),
        mime_type: Some("image/png".to_owned()),
        size_bytes: i64::try_from(png.len()).ok(),
        checksum_sha256: Some(hex::encode(Sha256::digest(&png))),
        object_key: Some(key.clone()),
        remote_url: None,
        created_at,
        expires_at: None,
    };
    let attachment = attachment::Model {
        id: dice.id(created_at),
        entity_kind: AttachedKind::Product,
        entity_id: offer.product.id.uuid(),
        position: 0,
        resource_id: id,
    };
    Picture { resource, attachment, key, png }
}

impl Motif {
    fn png(&self) -> Vec<u8> {
        let mut picture = RgbImage::new(SIDE, SIDE);
        for (line, pixels) in (0_u16..).zip(picture.rows_mut()) {
            // Darker downwards; the shape stands out by its light.
            let ground = self.ground.map(|part| mixed(part, 0, line / 2));
            let shape = self.ground.map(|part| mixed(part, 255, 150));
            for (column, pixel) in (0_i32..).zip(pixels) {
                *pixel = Rgb(if self.covers(column - 128, i32::from(line) - 128) { shape } else { ground });
            }
        }
        let mut png = Cursor::new(Vec::new());
        picture.write_to(&mut png, ImageFormat::Png).expect("writing a picture to memory cannot fail");
        png.into_inner()
    }

    /// Whether the shape covers the point, counted from the middle.
    fn covers(&self, x: i32, y: i32) -> bool {
        let (size, distance) = (self.size, x * x + y * y);
        match self.shape {
            Shape::Disc => distance <= size * size,
            Shape::Square => x.abs() <= size && y.abs() <= size,
            Shape::Diamond => x.abs() + y.abs() <= size,
            Shape::Ring => distance <= size * size && distance * 3 >= size * size,
        }
    }
}

/// A colour with so many 256ths of another.
fn mixed(part: u8, other: u8, of_256: u16) -> u8 {
    let of_256 = of_256.min(256);
    let mixed = (u16::from(part) * (256 - of_256).min(255) + u16::from(other) * of_256.min(255)) / 256;
    u8::try_from(mixed).unwrap_or(u8::MAX)
}
