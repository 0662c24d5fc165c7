//! Growing and reshaping the tree of categories, for administrators.

use std::sync::Arc;

use async_graphql::{Context, InputObject, Object, SimpleObject};
use kernel::CategoryId;
use service_kit::{Admin, Result};

use crate::{
    error::{ErrorCode, Problems, UserError},
    queries::database,
    store::category::{CategoryChange, NewCategory, category_insert, category_move, category_update},
    store::slug::is_slug,
    types::Category,
};

/// A category to create.
#[derive(InputObject, Debug, Clone)]
pub struct CreateCategoryInput {
    /// The category above; null at the top.
    pub parent_id: Option<CategoryId>,
    /// 1–100 characters.
    pub name: String,
    /// Lower-case letters, digits and single hyphens, at most 80. Without, one is made of the name.
    pub slug: Option<String>,
    /// A sentence for people, at most 500 characters.
    #[graphql(default)]
    pub description: String,
    /// Order among siblings, lower first.
    #[graphql(default)]
    pub position: i32,
}

/// The answer to `createCategory`.
#[derive(SimpleObject, Debug, Clone)]
pub struct CreateCategoryPayload {
    /// The new category. Null when the mutation was refused.
    pub category: Option<Category>,
    /// Why the mutation was refused; empty when it was not.
    pub user_errors: Vec<UserError>,
}

/// Changes to a category. What is null stays as it is.
#[derive(InputObject, Debug, Clone)]
pub struct UpdateCategoryInput {
    /// The category.
    pub category_id: CategoryId,
    /// 1–100 characters. The slug stays.
    pub name: Option<String>,
    /// A sentence for people, at most 500 characters.
    pub description: Option<String>,
    /// Order among siblings, lower first.
    pub position: Option<i32>,
}

/// Where to move a category.
#[derive(InputObject, Debug, Clone, Copy)]
pub struct MoveCategoryInput {
    /// The category, which moves with everything below it.
    pub category_id: CategoryId,
    /// The category to move it under, which is none of its own branch; null moves it to the top.
    pub parent_id: Option<CategoryId>,
}

/// The answer to `updateCategory`.
#[derive(SimpleObject, Debug, Clone)]
pub struct UpdateCategoryPayload {
    /// The category as it is now. Null when the mutation was refused.
    pub category: Option<Category>,
    /// Why the mutation was refused; empty when it was not.
    pub user_errors: Vec<UserError>,
}

/// The answer to `moveCategory`.
#[derive(SimpleObject, Debug, Clone)]
pub struct MoveCategoryPayload {
    /// The category where it is now. Null when the mutation was refused.
    pub category: Option<Category>,
    /// Why the mutation was refused; empty when it was not.
    pub user_errors: Vec<UserError>,
}

/// Mutations of categories.
#[derive(Debug, Default)]
pub struct CategoryMutations;

#[Object]
impl CategoryMutations {
    /// Creates a category. For administrators. Codes: `TEXT_INVALID`, `SLUG_INVALID`, `SLUG_TAKEN`,
    /// `CATEGORY_NOT_FOUND` (of the parent).
    #[graphql(guard = "Admin")]
    async fn create_category(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The category.")] input: CreateCategoryInput,
    ) -> Result<CreateCategoryPayload> {
        let refused = |user_errors| Ok(CreateCategoryPayload { category: None, user_errors });
        let new = match input.checked() {
            Ok(new) => new,
            Err(problems) => return refused(problems),
        };
        match category_insert(database(ctx)?, new).await? {
            Ok(row) => Ok(CreateCategoryPayload { category: Some(Category(Arc::new(row))), user_errors: Vec::new() }),
            Err(refusal) => refused(vec![refusal]),
        }
    }

    /// Changes a category; its slug stays, and so do links. For administrators. Codes: `CATEGORY_NOT_FOUND`,
    /// `TEXT_INVALID`.
    #[graphql(guard = "Admin")]
    async fn update_category(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The changes.")] input: UpdateCategoryInput,
    ) -> Result<UpdateCategoryPayload> {
        let refused = |user_errors| Ok(UpdateCategoryPayload { category: None, user_errors });
        let (category_id, change) = match input.checked() {
            Ok(checked) => checked,
            Err(problems) => return refused(problems),
        };
        match category_update(database(ctx)?, category_id, change).await? {
            Ok(row) => Ok(UpdateCategoryPayload { category: Some(Category(Arc::new(row))), user_errors: Vec::new() }),
            Err(refusal) => refused(vec![refusal]),
        }
    }

    /// Moves a category with everything below it, and with all their products. For administrators. Codes:
    /// `CATEGORY_NOT_FOUND`, `CATEGORY_CYCLE`.
    #[graphql(guard = "Admin")]
    async fn move_category(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to move, and where.")] input: MoveCategoryInput,
    ) -> Result<MoveCategoryPayload> {
        Ok(match category_move(database(ctx)?, input.category_id, input.parent_id).await? {
            Ok(row) => MoveCategoryPayload { category: Some(Category(Arc::new(row))), user_errors: Vec::new() },
            Err(refusal) => MoveCategoryPayload { category: None, user_errors: vec![refusal] },
        })
    }
}

impl UpdateCategoryInput {
    fn checked(self) -> Result<(CategoryId, CategoryChange), Vec<UserError>> {
        let mut problems = Problems::default();
        let name = self.name.map(|name| problems.text("name", &name, 1..=100));
        let description = self.description.map(|text| problems.text("description", &text, 0..=500));
        problems.none_or((self.category_id, CategoryChange { name, description, position: self.position }))
    }
}

impl CreateCategoryInput {
    fn checked(self) -> Result<NewCategory, Vec<UserError>> {
        let mut problems = Problems::default();
        let name = problems.text("name", &self.name, 1..=100);
        let description = problems.text("description", &self.description, 0..=500);
        let fine = self.slug.as_deref().is_none_or(is_slug);
        let rule = "A slug is made of lower-case letters, digits and single hyphens.";
        problems.check(fine, "slug", ErrorCode::SlugInvalid, rule);
        problems.none_or(NewCategory {
            parent_id: self.parent_id,
            name,
            slug: self.slug,
            description,
            position: self.position,
        })
    }
}
