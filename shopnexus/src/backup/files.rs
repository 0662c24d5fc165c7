//! The stored files of a backup.

use std::fs;
use std::path::Path;

use crate::failure::{Context, Result};

/// Copies what is below `from` to `to`, directories and files, and counts the files. What is there already stays. A file
/// that goes away meanwhile was an upload that nobody completed.
pub(super) fn copy(from: &Path, to: &Path) -> Result<u64> {
    fs::create_dir_all(to).context(|| format!("{} cannot be made", to.display()))?;
    let Ok(entries) = fs::read_dir(from) else { return Ok(0) };
    let mut files = 0;
    for entry in entries.flatten() {
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() {
            files += copy(&source, &target)?;
        } else if kind.is_file() {
            if !target.exists()
                && let Err(error) = fs::copy(&source, &target)
                && source.exists()
            {
                return Err(error).context(|| format!("{} cannot be copied", source.display()));
            }
            files += 1;
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_copied_with_their_directories_and_none_is_overwritten() {
        let place = tempfile::tempdir().unwrap();
        let (from, to) = (place.path().join("from"), place.path().join("to"));
        fs::create_dir_all(from.join("a/b")).unwrap();
        fs::write(from.join("a/b/one"), "1").unwrap();
        fs::write(from.join("two"), "2").unwrap();
        fs::create_dir_all(&to).unwrap();
        fs::write(to.join("two"), "kept").unwrap();
        assert_eq!(copy(&from, &to).unwrap(), 2);
        assert_eq!(fs::read_to_string(to.join("a/b/one")).unwrap(), "1");
        assert_eq!(fs::read_to_string(to.join("two")).unwrap(), "kept");
        assert_eq!(copy(&place.path().join("nowhere"), &to).unwrap(), 0);
    }
}
