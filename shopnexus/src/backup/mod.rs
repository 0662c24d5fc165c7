//! `shopnexus backup` and `shopnexus restore`.
//!
//! A backup is a directory:
//!
//! | in it | what |
//! |---|---|
//! | `manifest.json` | when, of which version, and how many files |
//! | `database.dump` | every schema, as one snapshot, in the custom format of `pg_dump` |
//! | `objects/` | stored files, when they are kept in a directory; a bucket has versions of its own |
//!
//! The search index is not in it: it follows the database and is filled anew after a restore, while search answers from
//! the database. Neither are Redis, which holds nothing that matters, nor the durable engine, whose own snapshots keep
//! what is in flight (docs/operating/backup.md).

mod database;
mod files;

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use service_kit::config::role_password;
use url::Url;

use crate::environment::Where;
use crate::failure::{Context, Failure, Result};
use crate::{data_dir, migrate, say};

const DUMP: &str = "database.dump";
const MANIFEST: &str = "manifest.json";
const OBJECTS: &str = "objects";
/// Raised when the shape of a backup changes.
const FORMAT: u32 = 1;

/// Options of `backup`.
#[derive(Debug, clap::Args)]
pub(crate) struct BackupArgs {
    #[command(flatten)]
    place: Where,
    /// The directory to make. It must not be there yet.
    #[arg(long)]
    to: PathBuf,
}

/// Options of `restore`.
#[derive(Debug, clap::Args)]
pub(crate) struct RestoreArgs {
    #[command(flatten)]
    place: Where,
    /// A directory that `shopnexus backup` made.
    #[arg(long)]
    from: PathBuf,
}

/// What a backup says of itself.
#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    format: u32,
    made_at: DateTime<Utc>,
    program: String,
    newest_migration: Option<String>,
    files: Option<u64>,
}

/// Where a marketplace keeps what a backup holds.
struct Place {
    database_url: Url,
    role_secret: Option<SecretString>,
    /// The directory of stored files; none when they are in a bucket.
    objects: Option<PathBuf>,
}

impl Place {
    fn of(place: &Where) -> Result<Self> {
        let variables = place.variables()?;
        let given = |name: &str| variables.get(name).filter(|value| !value.is_empty());
        let url = given("DATABASE_URL").ok_or_else(|| Failure::new("DATABASE_URL is not set"))?;
        let database_url = url.parse().map_err(|_| Failure::new("DATABASE_URL is not a URL"))?;
        let data_dir = given("DATA_DIR").map_or_else(|| place.data_dir.clone(), PathBuf::from);
        let objects = given("S3_BUCKET").is_none().then(|| data_dir.join(OBJECTS));
        let role_secret = given("MODULE_ROLE_SECRET").cloned().map(SecretString::from);
        Ok(Self { database_url, role_secret, objects })
    }
}

/// The command `backup`. The marketplace may go on meanwhile.
pub(crate) async fn back_up(arguments: &BackupArgs) -> Result<()> {
    let place = Place::of(&arguments.place)?;
    let to = &arguments.to;
    if to.exists() {
        return Err(Failure::new(format!("{} is there already", to.display()))
            .mend("name a new directory: a backup never takes the place of another"));
    }
    // Whoever finds the directory under its own name finds a whole backup in it.
    let partial = to.with_added_extension("partial");
    _ = fs::remove_dir_all(&partial);
    fs::create_dir_all(&partial).context(|| format!("{} cannot be made", partial.display()))?;
    let made_at = Utc::now();
    let newest_migration = newest_migration(place.database_url.as_str()).await?;
    database::dump(&place.database_url, &partial.join(DUMP)).await?;
    // After the rows: a file is stored before a row names it, and never changes.
    let files = place.objects.as_deref().map(|objects| files::copy(objects, &partial.join(OBJECTS))).transpose()?;
    let program = env!("CARGO_PKG_VERSION").to_owned();
    let manifest = Manifest { format: FORMAT, made_at, program, newest_migration, files };
    data_dir::write_json(&partial.join(MANIFEST), &manifest)?;
    fs::rename(&partial, to).context(|| format!("{} cannot be renamed", partial.display()))?;
    let of_files = files.map_or_else(|| "the files are in a bucket".to_owned(), |files| format!("{files} files"));
    say::done(&format!("{} holds the database as of {made_at}; {of_files}", to.display()));
    Ok(())
}

/// The command `restore`, into an empty database.
pub(crate) async fn restore(arguments: &RestoreArgs) -> Result<()> {
    let from = &arguments.from;
    let manifest = manifest_of(from)?;
    let place = Place::of(&arguments.place)?;
    let secret = place.role_secret.as_ref().ok_or_else(|| {
        Failure::new("MODULE_ROLE_SECRET is not set").mend("the passwords of the modules' roles follow from it")
    })?;
    let url = place.database_url.as_str();
    if let Some(schema) = database::occupied(url).await? {
        return Err(Failure::new(format!("the database is not empty: it has a schema {schema}"))
            .mend("make an empty database, and name it by DATABASE_URL"));
    }
    // The dump grants rights to the roles, which belong to the server and are not in it.
    migrations::make_roles(url, |role| role_password(secret, role))
        .await
        .context(|| "the modules' roles cannot be made".to_owned())?;
    database::load(&place.database_url, &from.join(DUMP)).await?;
    migrate::up(url, |role| role_password(secret, role)).await?;
    database::forget_index(url).await?;
    if let (Some(objects), true) = (&place.objects, manifest.files.is_some()) {
        let files = files::copy(&from.join(OBJECTS), objects)?;
        say::done(&format!("{files} files are in {}", objects.display()));
    }
    say::done(&format!("the database is as it was at {}", manifest.made_at));
    say::step("start the marketplace: the search index fills itself, and `shopnexus check` looks at the rest");
    Ok(())
}

fn manifest_of(from: &Path) -> Result<Manifest> {
    let file = from.join(MANIFEST);
    let text = fs::read(&file).map_err(|_| {
        Failure::new(format!("{} is not a backup: it has no {MANIFEST}", from.display()))
            .mend("name a directory that `shopnexus backup` made; one that ends in .partial is not whole")
    })?;
    let manifest: Manifest = serde_json::from_slice(&text).context(|| format!("{} is not readable", file.display()))?;
    match manifest.format {
        FORMAT => Ok(manifest),
        other => Err(Failure::new(format!("the backup has format {other}, and this program reads {FORMAT}"))
            .mend(format!("restore it with version {} of the program, then migrate", manifest.program))),
    }
}

async fn newest_migration(url: &str) -> Result<Option<String>> {
    let states = migrations::status(url).await.context(|| "the database does not tell its migrations".to_owned())?;
    Ok(states.into_iter().rfind(|migration| migration.applied).map(|migration| migration.name))
}
