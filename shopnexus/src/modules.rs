//! The eight modules, by name: the only place that knows them all.

use service_kit::{Module, ModuleName, Platform, StartError};

/// Connects a module to what it needs. It is ready only when the database has every migration of this program.
pub(crate) async fn module(name: ModuleName, platform: &Platform) -> Result<Module, StartError> {
    let module = connected(name, platform).await?;
    let database = module.database.clone();
    module.readiness.add("migrations", move || {
        let database = database.clone();
        async move {
            match migrations::missing(&database).await {
                Ok(None) => Ok(()),
                Ok(Some(name)) => Err(format!("{name} is not applied: `shopnexus migrate up` does it")),
                Err(_) => Err("the database does not tell its migrations".to_owned()),
            }
        }
    });
    Ok(module)
}

async fn connected(name: ModuleName, platform: &Platform) -> Result<Module, StartError> {
    match name {
        ModuleName::Account => account::module(platform).await,
        ModuleName::Analytic => analytic::module(platform).await,
        ModuleName::Catalog => catalog::module(platform).await,
        ModuleName::Chat => chat::module(platform).await,
        ModuleName::Common => common::module(platform).await,
        ModuleName::Inventory => inventory::module(platform).await,
        ModuleName::Order => order::module(platform).await,
        ModuleName::Promotion => promotion::module(platform).await,
    }
}

/// A module's GraphQL schema, which needs nothing to be running.
pub(crate) fn sdl(name: ModuleName) -> String {
    match name {
        ModuleName::Account => account::sdl(),
        ModuleName::Analytic => analytic::sdl(),
        ModuleName::Catalog => catalog::sdl(),
        ModuleName::Chat => chat::sdl(),
        ModuleName::Common => common::sdl(),
        ModuleName::Inventory => inventory::sdl(),
        ModuleName::Order => order::sdl(),
        ModuleName::Promotion => promotion::sdl(),
    }
}
