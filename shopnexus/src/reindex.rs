//! `shopnexus reindex`: the search index anew from the database.

use catalog::search::{Search, indexing::rebuild};
use service_kit::{ModuleName, Platform};

use crate::environment::Where;
use crate::failure::{Failure, Result, causes};
use crate::say;

/// Begins a new index. The catalog's workers fill it, from vectors that are kept in the database.
pub(crate) async fn run(place: &Where) -> Result<()> {
    let advice = "start the marketplace (`cargo xtask up`); `shopnexus doctor` finds the rest";
    let platform = Platform::connect(place.config()?).await;
    let platform = platform.map_err(|error| Failure::new(causes(&error)).mend(advice))?;
    let db = platform.database(ModuleName::Catalog).await;
    let db = db.map_err(|error| Failure::new(causes(&error)).mend(advice))?;
    let search = Search::from_config(&platform.config, &platform.http);
    let search = search.map_err(|error| Failure::new(causes(&error)))?;
    rebuild(&db, &search).await.map_err(|_| {
        Failure::new("a new index cannot be begun")
            .mend("the directory of the index must be writable; `shopnexus doctor` tells which it is")
    })?;
    say::done("a new index is being filled; `shopnexus doctor` tells how far it is");
    Ok(())
}
