//! What goes wrong inside the store.

/// What went wrong inside the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite refused.
    #[error("the instance's database failed: {0}")]
    Database(#[from] rusqlite::Error),
    /// A file could not be read or written.
    #[error("the instance's database file failed: {0}")]
    File(#[from] std::io::Error),
    /// The file is no database of an instance, or one of another version.
    #[error(
        "`{0}` is not a database of this version and with these tables; remove it to have it made"
    )]
    Foreign(String),
    /// A name that is not known.
    #[error("unknown {what} `{name}`{hint}")]
    Unknown {
        /// What it should name, such as `table`.
        what: &'static str,
        /// The name given.
        name: String,
        /// The nearest legal names, in words; may be empty.
        hint: String,
    },
    /// Tables or columns that cannot be had.
    #[error("{0}")]
    Dictionary(#[from] crate::setup::DictionaryError),
    /// A set-up or an action that makes no sense.
    #[error("{0}")]
    Invalid(String),
    /// Whoever watched it being filled stopped that.
    #[error("stopped before the instance was filled")]
    Stopped,
}

impl StoreError {
    /// An unknown name, with the nearest legal ones.
    pub(crate) fn unknown<'a>(
        what: &'static str,
        name: &str,
        legal: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        Self::Unknown {
            what,
            name: name.to_owned(),
            hint: nearest(name, legal),
        }
    }
}

/// The nearest legal names as the end of a sentence; empty where none is near.
pub(crate) fn nearest<'a>(name: &str, legal: impl IntoIterator<Item = &'a str>) -> String {
    let mut near: Vec<(usize, &str)> = legal
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.len() / 2).max(2))
        .collect();
    near.sort_unstable();
    let near: Vec<String> = near
        .iter()
        .take(3)
        .map(|(_, candidate)| format!("`{candidate}`"))
        .collect();
    if near.is_empty() {
        String::new()
    } else {
        format!("; the nearest are {}", near.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_is_answered_with_the_nearest() {
        let error = StoreError::unknown("table", "cmdb_ci_servr", ["cmdb_ci_server", "incident"]);
        assert_eq!(
            error.to_string(),
            "unknown table `cmdb_ci_servr`; the nearest are `cmdb_ci_server`"
        );
    }
}
