//! The index on LanceDB: one table with texts for BM25, vectors, and everything that searches filter and sort by.
//!
//! It holds products on offer and nothing that is not in the database as well, so it can be thrown away. Which table
//! answers is written in `catalog.search_index`.

mod ask;
mod rows;

use std::{path::PathBuf, time::Duration};

use chrono::TimeDelta;
use lancedb::{
    Connection, Table,
    index::{
        Index as IndexKind,
        scalar::{BTreeIndexBuilder, FtsIndexBuilder},
    },
    table::{CompactionOptions, OptimizeAction, OptimizeOptions},
};
use service_kit::{Error, Result};
use tokio::sync::{Mutex, OnceCell};
use uuid::Uuid;

pub(crate) use ask::{Ask, BY_WORDS, Hit, ask, near, neighbours};
pub(crate) use rows::embedded_text;

/// The shape of the rows. A program with another number fills a table of its own before it reads from it.
pub(crate) const LAYOUT: i32 = 2;

/// Versions of the table are kept this long, for readers that began before a change.
const KEEP_VERSIONS: TimeDelta = TimeDelta::minutes(10);

/// How often a reader looks for what other processes wrote.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// The index in a directory.
pub struct Index {
    directory: PathBuf,
    connection: OnceCell<Connection>,
    /// The table that was opened last: nearly every search asks for the same.
    opened: Mutex<Option<(Uuid, Table)>>,
    /// The version that was last tidied.
    tidied: Mutex<Option<(Uuid, u64)>>,
    keep_versions: TimeDelta,
}

impl Index {
    /// The index in `directory`, which need not exist. Nothing is opened yet.
    pub fn new(directory: PathBuf) -> Self {
        Self {
            directory,
            connection: OnceCell::new(),
            opened: Mutex::new(None),
            tidied: Mutex::new(None),
            keep_versions: KEEP_VERSIONS,
        }
    }

    /// The same index, of which versions are kept for another time than ten minutes: pages of a search that began before
    /// are no longer of one state when theirs is gone.
    #[must_use]
    pub fn keeping(self, versions: TimeDelta) -> Self {
        Self { keep_versions: versions, ..self }
    }

    async fn connection(&self) -> Result<&Connection> {
        let connect = async || {
            let directory = self.directory.to_string_lossy().into_owned();
            lancedb::connect(&directory).read_consistency_interval(LOOK_AGAIN).execute().await
        };
        self.connection.get_or_try_init(connect).await.map_err(|error| fault("opening the index", error))
    }

    /// Opens a table; `None` when it is not there.
    pub(crate) async fn open(&self, id: Uuid) -> Result<Option<Table>> {
        let mut opened = self.opened.lock().await;
        // A table whose directory was removed goes on answering from memory for a while. Nobody should rely on that.
        let there = self.directory.join(format!("{}.lance", name(id))).is_dir();
        match &*opened {
            Some((known, table)) if *known == id && there => return Ok(Some(table.clone())),
            _ => *opened = None,
        }
        if !there {
            return Ok(None);
        }
        let table = self.connection().await?.open_table(name(id)).execute().await;
        match table {
            Ok(table) => {
                *opened = Some((id, table.clone()));
                Ok(Some(table))
            }
            Err(lancedb::Error::TableNotFound { .. } | lancedb::Error::TableCorrupted { .. }) => Ok(None),
            Err(error) => Err(fault("opening a table of the index", error)),
        }
    }

    /// A table as it was in a version; `None` when it or the version is not there any more.
    pub(crate) async fn open_at(&self, id: Uuid, version: u64) -> Result<Option<Table>> {
        if self.open(id).await?.is_none() {
            return Ok(None);
        }
        // Versions are removed after a while, and how that is told depends on how much of one is gone.
        Ok(self.connection().await?.open_table(name(id)).version(version).execute().await.ok())
    }

    /// Makes a table with its indexes, empty.
    pub(crate) async fn make(&self, id: Uuid, dimensions: i32) -> Result<()> {
        std::fs::create_dir_all(&self.directory)
            .map_err(|error| Error::internal("making the directory of the index", error))?;
        let made = self.connection().await?.create_empty_table(name(id), rows::schema(dimensions)).execute().await;
        let table = made.map_err(|error| fault("making a table of the index", error))?;
        make_indexes(&table).await.map_err(|error| fault("indexing an empty table", error))
    }

    /// Removes a table that nobody reads any more.
    pub(crate) async fn drop_table(&self, id: Uuid) -> Result<()> {
        match self.connection().await?.drop_table(name(id), &[]).await {
            Ok(()) | Err(lancedb::Error::TableNotFound { .. }) => Ok(()),
            Err(error) => Err(fault("removing a table of the index", error)),
        }
    }

    /// How many rows a table has; none when it is not there.
    ///
    /// # Errors
    /// The index is broken.
    pub async fn count(&self, id: Uuid) -> Result<usize> {
        match self.open(id).await? {
            None => Ok(0),
            Some(table) => table.count_rows(None).await.map_err(|error| fault("counting rows of the index", error)),
        }
    }

    /// Takes rows written since the last time into the table's indexes, joins small files and removes old versions.
    pub(crate) async fn tidy(&self, id: Uuid) -> Result<()> {
        let Some(table) = self.open(id).await? else { return Ok(()) };
        let version = table.version().await.map_err(|error| fault("reading a version of the index", error))?;
        if *self.tidied.lock().await == Some((id, version)) {
            return Ok(());
        }
        let compact = OptimizeAction::Compact { options: CompactionOptions::default(), remap_options: None };
        let prune = OptimizeAction::Prune {
            older_than: Some(self.keep_versions),
            delete_unverified: None,
            error_if_tagged_old_versions: None,
        };
        for action in [compact, OptimizeAction::Index(OptimizeOptions::default()), prune] {
            table.optimize(action).await.map_err(|error| fault("tidying the index", error))?;
        }
        let version = table.version().await.map_err(|error| fault("reading a version of the index", error))?;
        *self.tidied.lock().await = Some((id, version));
        Ok(())
    }
}

/// Words with English forms, and the id for replacing rows.
async fn make_indexes(table: &Table) -> lancedb::Result<()> {
    let words = || {
        FtsIndexBuilder::default()
            .base_tokenizer("simple".to_owned())
            .max_token_length(Some(40))
            .lower_case(true)
            .stem(true)
            .remove_stop_words(false)
            .ascii_folding(true)
    };
    for column in ["name", "body"] {
        table.create_index(&[column], IndexKind::FTS(words())).execute().await?;
    }
    table.create_index(&["id"], IndexKind::BTree(BTreeIndexBuilder::default())).execute().await
}

fn name(id: Uuid) -> String {
    format!("products_{}", id.simple())
}

fn fault(doing: &str, error: lancedb::Error) -> Error {
    Error::internal(doing, error)
}
