//! The folder that a run writes to: made, and emptied of what an earlier run left there.
//!
//! It removes nothing that it cannot tell to be a run's own.

use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::path::Path;

use super::RunError;
use crate::evidence::evidence_folders;

/// A folder that no other run may use.
#[derive(Debug)]
pub(crate) struct Held(File);

/// Makes `out/evidence`, empty, and removes the reports of an earlier run: beside the evidence of
/// this one they would be taken for its own. No other run may use the folder until what is
/// returned is dropped.
pub(crate) fn prepare(out: &Path) -> Result<Held, RunError> {
    let evidence = out.join("evidence");
    std::fs::create_dir_all(&evidence).map_err(|error| unwritable(&evidence, &error))?;
    let held = File::open(out).map_err(|error| unwritable(out, &error))?;
    // A file system without locks is no reason not to run.
    if let Err(TryLockError::WouldBlock) = held.try_lock() {
        return Err(RunError::InUse {
            path: out.to_owned(),
        });
    }
    let failed = |error: &dyn std::fmt::Display| RunError::Unwritable {
        path: evidence.clone(),
        why: error.to_string(),
    };
    let mut entries = std::fs::read_dir(&evidence).map_err(|error| failed(&error))?;
    let of_a_run = entries.next().is_none()
        || !evidence_folders(&evidence)
            .map_err(|error| failed(&error))?
            .is_empty();
    if !of_a_run {
        return Err(RunError::Foreign { path: evidence });
    }
    std::fs::remove_dir_all(&evidence).map_err(|error| failed(&error))?;
    std::fs::create_dir_all(&evidence).map_err(|error| unwritable(&evidence, &error))?;
    for report in ["report.json", "junit.xml"] {
        let path = out.join(report);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(unwritable(&path, &error));
            }
            _ => {}
        }
    }
    Ok(Held(held))
}

impl Drop for Held {
    fn drop(&mut self) {
        // Closing alone is not enough: a process that is just being started holds a copy.
        let _ = self.0.unlock();
    }
}

/// The error that a path cannot be written to.
pub(super) fn unwritable(path: &Path, error: &std::io::Error) -> RunError {
    RunError::Unwritable {
        path: path.to_owned(),
        why: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_run_left_is_removed_and_what_others_keep_there_is_not() {
        let out = tempfile::tempdir().unwrap();
        let evidence = out.path().join("evidence");
        prepare(out.path()).unwrap();
        let of_a_run = evidence.join("SP-X01/asleep");
        std::fs::create_dir_all(&of_a_run).unwrap();
        std::fs::write(of_a_run.join("scenario.json"), "{}").unwrap();
        std::fs::write(out.path().join("report.json"), "{}").unwrap();
        prepare(out.path()).unwrap();
        assert!(!of_a_run.exists() && !out.path().join("report.json").exists());

        let held = prepare(out.path()).unwrap();
        let refused = prepare(out.path()).unwrap_err().to_string();
        assert!(refused.contains("another run"), "{refused}");
        drop(held);

        let photograph = evidence.join("photograph.png");
        std::fs::write(&photograph, "mine").unwrap();
        let refused = prepare(out.path()).unwrap_err().to_string();
        assert!(refused.contains("evidence` holds no evidence"), "{refused}");
        assert!(photograph.is_file());
    }

    #[test]
    fn a_file_in_the_way_is_named() {
        let out = tempfile::tempdir().unwrap();
        let file = out.path().join("file");
        std::fs::write(&file, "").unwrap();
        let refused = prepare(&file).unwrap_err().to_string();
        assert!(refused.contains("file/evidence"), "{refused}");
    }
}
