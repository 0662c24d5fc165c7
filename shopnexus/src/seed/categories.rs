//! The category tree.

use entities::catalog::category;
use kernel::CategoryId;
use uuid::Uuid;

use super::catalog::{CATALOG, Department, Shelf};
use super::dice::{Dice, day};
use super::words::slug;

/// The tree and what belongs on its leaves.
pub(super) struct Categories {
    /// Every node, parents before children.
    pub(super) rows: Vec<category::Model>,
    /// The leaves.
    pub(super) shelves: Vec<(CategoryId, &'static Department, &'static Shelf)>,
}

/// Draws the tree.
pub(super) fn draw(dice: &mut Dice) -> Categories {
    let mut categories = Categories { rows: Vec::new(), shelves: Vec::new() };
    for (position, department) in (0..).zip(CATALOG) {
        let root = node(dice, None, department.name, department.description, position);
        for (position, shelf) in (0..).zip(department.shelves) {
            let leaf = node(dice, Some(root.id), shelf.name, "", position);
            categories.shelves.push((leaf.id, department, shelf));
            categories.rows.push(leaf);
        }
        categories.rows.push(root);
    }
    // A parent must be there before its children refer to it.
    categories.rows.sort_by_key(|row| row.path.len());
    categories
}

fn node(dice: &mut Dice, parent: Option<CategoryId>, name: &str, description: &str, position: i32) -> category::Model {
    let id: CategoryId = dice.id(day(0));
    let path: Vec<Uuid> = parent.iter().copied().chain([id]).map(Uuid::from).collect();
    category::Model {
        id,
        parent_id: parent,
        name: name.to_owned(),
        slug: slug(name),
        description: description.to_owned(),
        position,
        path,
        created_at: day(0),
    }
}
