//! Instance files: one instance as somebody wants it, for `snowproof serve --instance`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use snowproof_simulator::setup::InstanceSetup;

use crate::yaml::{self, FileError, Positions, SourceFile};

/// The format that this version reads and writes.
pub const SCHEMA: &str = "snowproof.instance/1";

/// An instance file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InstanceFile {
    /// The format, `snowproof.instance/1`.
    pub schema: String,
    /// The instance, as in a scenario.
    pub instance: InstanceSetup,
}

/// Reads an instance file.
///
/// # Errors
///
/// The text is not YAML, does not fit the format, or describes tables that cannot be had.
pub fn read(source: &SourceFile) -> Result<InstanceSetup, Box<FileError>> {
    let file: InstanceFile = yaml::read(source)?;
    let positions = Positions::read(source)?;
    if file.schema != SCHEMA {
        let message = format!("unknown schema `{}`", file.schema);
        let error = FileError::at(source, positions.of(&["schema"]), message);
        return Err(Box::new(error.legal(&file.schema, [SCHEMA])));
    }
    if let Err(error) = file.instance.check_dictionary() {
        let path: Vec<&str> = std::iter::once("instance")
            .chain(error.path.iter().map(String::as_str))
            .collect();
        let message = format!("{}{}", error.message, error.hint);
        return Err(Box::new(FileError::at(
            source,
            positions.of(&path),
            message,
        )));
    }
    Ok(file.instance)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> SourceFile {
        SourceFile {
            name: "mine.yaml".to_owned(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn a_slip_is_located() {
        let error = read(&source(
            "schema: snowproof.instance/1\ninstance:\n  dictionary:\n    u_rack:\n      columns:\n        u_owner: { reference: sys_usr }\n",
        ))
        .unwrap_err();
        assert_eq!((error.line, error.column), (6, 20));
        assert!(error.message.contains("`sys_user`"), "{error}");
        let error = read(&source("schema: snowproof.instance/2\ninstance: {}\n")).unwrap_err();
        assert_eq!(error.line, 1);
        assert!(
            read(&source(
                "schema: snowproof.instance/1\ninstance: { table: {} }\n"
            ))
            .is_err()
        );
    }
}
