//! `shopnexus export`: a seller's products into a file that `shopnexus import` reads.
//!
//! Products are read and written page by page, so that a catalog of any size takes the memory of one page. What is read
//! back makes the same products: texts are written so that the importer's HTML reading gives them again.

mod write;

use std::{
    collections::HashMap,
    io::{self, BufWriter, Write},
    path::PathBuf,
};

use catalog::store::export::{ExportRow, export_list};
use contracts::inventory::StockRef;
use entities::common::{
    attachment::{self, AttachedKind},
    resource,
};
use inventory::store::stocks::stock_list;
use kernel::{ProductId, SkuId};
use sea_orm::{ColumnTrait, DatabaseConnection, EntityTrait, QueryFilter, QueryOrder};
use service_kit::{ModuleName, Platform};
use uuid::Uuid;

use crate::environment::Where;
use crate::failure::{Context, Failure, Result, causes};
use crate::import::seller;
use crate::say;
use write::{Lines, Sheet, Table};

/// What to export, and where to.
#[derive(Debug, clap::Args)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    place: Where,
    /// Whose products: username, email or id of an account.
    #[arg(long)]
    seller: String,
    /// How rows are written; without, as the name of the file says, and as JSON lines to standard output.
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// The file; standard output without.
    file: Option<PathBuf>,
}

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// One JSON object a line.
    Jsonl,
    /// A table with a head line.
    Csv,
}

/// Products that are read at once.
const PAGE: u64 = 200;

/// The command `export`.
pub(crate) async fn run(arguments: ExportArgs) -> Result<()> {
    let platform = Platform::connect(arguments.place.config()?).await.map_err(|error| unreachable(&error))?;
    let seller = seller::find(&platform, &arguments.seller).await?;
    let database = async |module| platform.database(module).await.map_err(|error| unreachable(&error));
    let catalog = database(ModuleName::Catalog).await?;
    let (inventory, common) = (database(ModuleName::Inventory).await?, database(ModuleName::Common).await?);
    let mut sheet = open(&arguments)?;
    let (mut after, mut rows, mut clipped) = (None, 0_usize, 0_usize);
    loop {
        let page = export_list(&catalog, seller.id, after, PAGE).await.map_err(|_| unread())?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        let units = units_of(&inventory, &page).await?;
        let mut images = images_of(&common, &page).await?;
        for product in &page {
            let stock = units.get(&product.sku_id).copied().unwrap_or_default();
            sheet
                .row(product, stock, images.remove(&product.id).unwrap_or_default())
                .context(|| "the rows cannot be written".to_owned())?;
            clipped += usize::from(product.sku_count > 1);
        }
        rows += page.len();
    }
    sheet.end().context(|| "the rows cannot be written".to_owned())?;
    say::done(&format!("{rows} products exported"));
    if clipped > 0 {
        say::warn(&format!("{clipped} of them have several SKUs, of which a row holds the featured one"));
    }
    Ok(())
}

fn open(arguments: &ExportArgs) -> Result<Box<dyn Sheet>> {
    let named = arguments.file.as_ref().and_then(|file| file.extension()).and_then(|ending| ending.to_str());
    let format = match (arguments.format, named.map(str::to_ascii_lowercase).as_deref()) {
        (Some(format), _) => format,
        (None, Some("csv")) => Format::Csv,
        (None, Some("jsonl" | "ndjson") | None) => Format::Jsonl,
        (None, Some(other)) => {
            return Err(Failure::new(format!("the format `{other}` is not known")).mend("name the file .jsonl or .csv"));
        }
    };
    let out: Box<dyn Write> = match &arguments.file {
        None => Box::new(io::stdout()),
        Some(path) => {
            Box::new(std::fs::File::create(path).context(|| format!("{} cannot be written", path.display()))?)
        }
    };
    let out = BufWriter::new(out);
    Ok(match format {
        Format::Jsonl => Box::new(Lines::new(out)),
        Format::Csv => Box::new(Table::new(out).context(|| "the head line cannot be written".to_owned())?),
    })
}

/// How many units of the featured SKUs are free.
async fn units_of(db: &DatabaseConnection, page: &[ExportRow]) -> Result<HashMap<SkuId, i64>> {
    let skus: Vec<StockRef> = page.iter().map(|product| StockRef::Sku(product.sku_id)).collect();
    let stocks = stock_list(db, &skus).await.map_err(|_| unread())?;
    Ok(stocks.into_iter().map(|stock| (SkuId(stock.ref_id), stock.available())).collect())
}

/// The images of products that are known by URL, in their order. Uploaded ones have no address that lasts.
async fn images_of(db: &DatabaseConnection, page: &[ExportRow]) -> Result<HashMap<ProductId, Vec<String>>> {
    let ids: Vec<Uuid> = page.iter().map(|product| product.id.uuid()).collect();
    let attached = attachment::Entity::find()
        .filter(attachment::Column::EntityKind.eq(AttachedKind::Product))
        .filter(attachment::Column::EntityId.is_in(ids))
        .order_by_asc(attachment::Column::Position)
        .all(db)
        .await
        .map_err(|_| unread())?;
    let files = resource::Entity::find()
        .filter(resource::Column::Id.is_in(attached.iter().map(|one| one.resource_id)))
        .filter(resource::Column::RemoteUrl.is_not_null())
        .all(db)
        .await
        .map_err(|_| unread())?;
    let urls: HashMap<_, _> = files.into_iter().filter_map(|file| Some((file.id, file.remote_url?))).collect();
    let mut images: HashMap<ProductId, Vec<String>> = HashMap::new();
    for one in attached {
        if let Some(url) = urls.get(&one.resource_id) {
            images.entry(ProductId(one.entity_id)).or_default().push(url.clone());
        }
    }
    Ok(images)
}

fn unread() -> Failure {
    Failure::new("the tables of the marketplace cannot be read")
}

fn unreachable(error: &(dyn std::error::Error + 'static)) -> Failure {
    Failure::new(causes(error)).mend("start the marketplace (`cargo xtask up`); `shopnexus doctor` finds the rest")
}
