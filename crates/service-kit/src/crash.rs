//! Dying on purpose, so that a test can show that nothing is lost by it.
//!
//! When `CRASH_AT_EVERY_STEP` names a file, the process dies before and after every durable step, the first time it
//! gets there: after the step's work is done and before it is journaled is where an engine knows least. Optimised
//! builds have none of this.

use std::{fs::OpenOptions, io::Write, path::Path};

/// Dies here, if a test wants that and nobody has died here before.
#[inline]
pub fn point(module: &str, step: &str, moment: &str) {
    if !cfg!(debug_assertions) {
        return;
    }
    if let Some(file) = std::env::var_os("CRASH_AT_EVERY_STEP") {
        let name = format!("{module}: {step}: {moment}");
        if is_first(Path::new(&file), &name).expect("the file that CRASH_AT_EVERY_STEP names can be written") {
            // Not a panic: nothing may be unwound, answered or flushed.
            std::process::abort();
        }
    }
}

/// Whether `name` was not in the file yet. Afterwards it is.
fn is_first(file: &Path, name: &str) -> std::io::Result<bool> {
    let mut known = OpenOptions::new().read(true).append(true).create(true).open(file)?;
    // Modules in processes of their own share the file.
    known.lock()?;
    if std::io::read_to_string(&known)?.lines().any(|line| line == name) {
        return Ok(false);
    }
    writeln!(known, "{name}")?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_dies_at_a_point_once() {
        let file = std::env::temp_dir().join(format!("shopnexus-crash-{}", std::process::id()));
        assert!(is_first(&file, "order: write items: after").unwrap());
        assert!(!is_first(&file, "order: write items: after").unwrap());
        assert!(is_first(&file, "order: write items: before").unwrap());
        std::fs::remove_file(file).unwrap();
    }
}
