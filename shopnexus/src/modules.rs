//! The eight modules, by name: the only place that knows them all.

use service_kit::{Module, ModuleName, Platform, StartError};

/// Connects a module to what it needs.
pub(crate) async fn module(name: ModuleName, platform: &Platform) -> Result<Module, StartError> {
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
