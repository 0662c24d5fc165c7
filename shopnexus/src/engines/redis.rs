//! A private Redis.

use std::fmt::Write as _;
use std::time::Duration;

use url::Url;

use super::{Durability, Ground, binaries, external, local_url};
use crate::data_dir;
use crate::failure::Result;
use crate::process::{Recipe, Supervisor};
use crate::secrets::REDIS_PASSWORD;

const NAME: &str = "redis";

/// Starts it and gives its URL.
pub(super) fn start(supervisor: &mut Supervisor, ground: &mut Ground<'_>) -> Result<Url> {
    let server = binaries::redis_server()?;
    let port = ground.ports.claim(NAME, None)?;
    let password = ground.secrets.get(REDIS_PASSWORD)?;
    let directory = ground.data.directory(NAME)?;
    let mut configuration = String::new();
    for line in [
        "bind 127.0.0.1".to_owned(),
        format!("port {port}"),
        format!("requirepass {password}"),
        format!("dir \"{}\"", directory.display().to_string().replace('\\', "\\\\").replace('"', "\\\"")),
        "daemonize no".to_owned(),
        // The append-only file is enough, and a background dump would cost memory on a small machine.
        "save \"\"".to_owned(),
        match ground.durability {
            Durability::Full => "appendonly yes\nappendfsync everysec".to_owned(),
            Durability::None => "appendonly no".to_owned(),
        },
    ] {
        _ = writeln!(configuration, "{line}");
    }
    // A file rather than arguments: everyone on the machine can read the arguments of a process.
    let file = ground.data.path("redis/redis.conf");
    data_dir::write_private(&file, configuration.as_bytes())?;
    supervisor.start(Recipe::new(NAME, server.path).arguments([file]));
    Ok(local_url(&format!("redis://:{password}@127.0.0.1:{port}/")))
}

/// Waits until it answers, and gives its version.
pub(super) async fn wait(supervisor: &Supervisor, url: &Url) -> Result<String> {
    supervisor.wait_until(NAME, Duration::from_secs(60), async || external::redis_answers(url).await).await
}
