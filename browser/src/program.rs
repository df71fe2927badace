//! Where a browser is installed.

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::error::BrowserError;

/// The names under which Chromium, or a browser made from it, is looked for.
pub const NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// The program that was named, as a path or as a name in PATH; without one, the first of [`NAMES`]
/// in PATH.
///
/// # Errors
///
/// There is none.
pub fn find(named: Option<&Path>) -> Result<PathBuf, BrowserError> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    find_in(named, &path).ok_or_else(|| BrowserError::NotFound {
        named: named.map(Path::to_path_buf),
    })
}

fn find_in(named: Option<&Path>, path: &OsStr) -> Option<PathBuf> {
    let in_path = |name: &Path| {
        std::env::split_paths(path)
            .filter(|folder| folder.is_absolute())
            .map(|folder| folder.join(name))
            .find(|program| is_program(program))
    };
    match named {
        None => NAMES.iter().find_map(|name| in_path(Path::new(name))),
        Some(named) if named.components().count() == 1 && !named.is_absolute() => in_path(named),
        // It is started in a folder of its own.
        Some(named) => std::path::absolute(named)
            .ok()
            .filter(|named| is_program(named)),
    }
}

fn is_program(path: &Path) -> bool {
    path.metadata()
        .is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_program_is_found_by_its_usual_names_by_a_name_and_by_a_path() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().as_os_str();
        let put = |name: &str, mode: u32| {
            let file = folder.path().join(name);
            fs::write(&file, "").unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
            file
        };
        assert_eq!(find_in(None, path), None);
        put("chromium", 0o644);
        assert_eq!(find_in(None, path), None, "a file that cannot be started");
        let usual = put("google-chrome", 0o755);
        let own = put("my-browser", 0o755);
        assert_eq!(find_in(None, path), Some(usual));
        assert_eq!(
            find_in(Some(Path::new("my-browser")), path),
            Some(own.clone())
        );
        assert_eq!(find_in(Some(&own), OsStr::new("")), Some(own));
        assert_eq!(find_in(Some(Path::new("chromium")), path), None);
    }

    #[test]
    fn what_was_looked_for_is_told() {
        let told = find(Some(Path::new("/nowhere/chrome")))
            .unwrap_err()
            .to_string();
        assert!(told.contains("`/nowhere/chrome`"), "{told}");
        let told = BrowserError::NotFound { named: None }.to_string();
        assert!(told.contains("`chromium`, `chromium-browser`"), "{told}");
        assert!(told.contains("install chromium"), "{told}");
    }
}
