//! Finds scenario files, reads them, checks them and their variants.

use std::collections::BTreeMap;
use std::path::Path;

use include_dir::{Dir, include_dir};

use super::validate::Exam;
use super::{ScenarioFile, TimeScale, merge};
use crate::yaml::{self, FileError, Positions, SourceFile};

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../scenarios");

/// Most files read from one folder.
const MAX_FILES: usize = 2_000;

/// Scenario files that are read and sound, in the order of their codes.
#[derive(Debug, Default)]
pub struct ScenarioSet {
    by_code: BTreeMap<String, Loaded>,
}

/// A scenario file with its variants merged.
#[derive(Debug)]
pub struct Loaded {
    /// What it was read from.
    pub source: SourceFile,
    /// The file as written.
    pub file: ScenarioFile,
    /// The scenario itself, then its variants in the order of the file.
    pub scenarios: Vec<Merged>,
}

/// One scenario of a file: the file itself, or a variant merged into it.
#[derive(Debug, Clone, PartialEq)]
pub struct Merged {
    /// Name of the variant, if it is one.
    pub variant: Option<String>,
    /// The whole, without variants, with `instances` and without `instance`.
    pub file: ScenarioFile,
}

impl Merged {
    /// `SP-A01`, or `SP-A01/variant`.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.variant {
            Some(variant) => format!("{}/{variant}", self.file.code),
            None => self.file.code.clone(),
        }
    }

    /// Whether this is its name, in any case, or the id of a file's own scenario.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        self.name().eq_ignore_ascii_case(name) || (self.variant.is_none() && self.file.id == name)
    }
}

/// Why scenarios cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file is broken.
    #[error("{0}")]
    File(#[from] Box<FileError>),
    /// A file or folder cannot be read.
    #[error("failed to read `{path}`: {why}")]
    Unreadable {
        /// The file or folder.
        path: String,
        /// The system's words.
        why: String,
    },
    /// Two files have one code.
    #[error("the code `{code}` is used by both `{first}` and `{second}`")]
    CodeClash {
        /// The code.
        code: String,
        /// The file read first.
        first: String,
        /// The other.
        second: String,
    },
}

impl LoadError {
    /// What the reader of a terminal sees.
    #[must_use]
    pub fn rendered(&self) -> String {
        match self {
            Self::File(error) => error.rendered(),
            other => format!("error: {other}"),
        }
    }
}

impl ScenarioSet {
    /// The scenarios that ship with the binary.
    ///
    /// # Errors
    ///
    /// One of them is broken; a test keeps this from happening.
    pub fn embedded() -> Result<Self, LoadError> {
        let mut set = Self::default();
        for family in EMBEDDED.dirs() {
            for file in family.files() {
                let path = file.path();
                if path
                    .extension()
                    .is_some_and(|extension| extension == "yaml")
                    && family.path() != Path::new("schema")
                    && family.path() != Path::new("editions")
                {
                    let text = file.contents_utf8().unwrap_or_default().to_owned();
                    let id = path.with_extension("").to_string_lossy().into_owned();
                    set.add(
                        SourceFile {
                            name: format!("scenarios/{}", path.display()),
                            text,
                        },
                        &id,
                    )?;
                }
            }
        }
        Ok(set)
    }

    /// Adds the scenarios of a folder: `FOLDER/family/name.yaml`.
    ///
    /// # Errors
    ///
    /// The folder cannot be read, a file is broken, or a code is taken.
    pub fn add_folder(&mut self, folder: &Path) -> Result<(), LoadError> {
        let unreadable = |path: &Path, error: &std::io::Error| LoadError::Unreadable {
            path: path.display().to_string(),
            why: error.to_string(),
        };
        let mut files = Vec::new();
        for family in sorted_entries(folder).map_err(|error| unreadable(folder, &error))? {
            if family.is_dir() {
                let entries =
                    sorted_entries(&family).map_err(|error| unreadable(&family, &error))?;
                files.extend(
                    entries
                        .into_iter()
                        .filter(|path| path.extension().is_some_and(|e| e == "yaml")),
                );
            }
        }
        if files.is_empty() || files.len() > MAX_FILES {
            return Err(LoadError::Unreadable {
                path: folder.display().to_string(),
                why: format!(
                    "it holds `{}` scenario files `family/name.yaml`; 1 to {MAX_FILES} are read",
                    files.len()
                ),
            });
        }
        for path in files {
            let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
            let id = path
                .strip_prefix(folder)
                .unwrap_or(&path)
                .with_extension("")
                .to_string_lossy()
                .into_owned();
            self.add(
                SourceFile {
                    name: path.display().to_string(),
                    text,
                },
                &id,
            )?;
        }
        Ok(())
    }

    /// Adds one file whose path says that its id is `expected_id`.
    ///
    /// # Errors
    ///
    /// The file is broken or its code is taken.
    pub fn add(&mut self, source: SourceFile, expected_id: &str) -> Result<(), LoadError> {
        let loaded = Loaded::read(source, expected_id)?;
        if let Some(first) = self.by_code.get(&loaded.file.code) {
            return Err(LoadError::CodeClash {
                code: loaded.file.code.clone(),
                first: first.source.name.clone(),
                second: loaded.source.name,
            });
        }
        self.by_code.insert(loaded.file.code.clone(), loaded);
        Ok(())
    }

    /// Puts every scenario at a scale of time. The files stay as written.
    ///
    /// # Errors
    ///
    /// A scenario does not fit its type at that scale, in the words of serde.
    pub fn scale(&mut self, scale: TimeScale) -> Result<(), serde_json::Error> {
        for scenario in self
            .by_code
            .values_mut()
            .flat_map(|file| &mut file.scenarios)
        {
            *scenario = scale.applied(scenario)?;
        }
        Ok(())
    }

    /// Every file, in the order of codes.
    pub fn files(&self) -> impl Iterator<Item = &Loaded> {
        self.by_code.values()
    }

    /// Every scenario and variant, in the order of codes, variants in the order of their file.
    pub fn scenarios(&self) -> impl Iterator<Item = &Merged> {
        self.files().flat_map(|file| &file.scenarios)
    }

    /// The scenario of this name, `CODE` or `CODE/VARIANT`.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Merged> {
        self.scenarios().find(|scenario| scenario.name() == name)
    }
}

impl Loaded {
    fn read(source: SourceFile, expected_id: &str) -> Result<Self, Box<FileError>> {
        let file: ScenarioFile = yaml::read(&source)?;
        let positions = Positions::read(&source)?;
        let exam = Exam {
            source: &source,
            positions: &positions,
        };
        exam.file(&file, expected_id)?;
        let written: serde_json::Value = yaml::read(&source)?;
        let mut scenarios = Vec::new();
        let variants = file.variants.iter().flatten();
        for (variant, patch) in std::iter::once((None, None))
            .chain(variants.map(|(name, patch)| (Some(name.clone()), Some(patch))))
        {
            let patch = patch
                .zip(variant.as_ref())
                .map(|(patch, name)| merge::Patch {
                    variant: patch,
                    written: &written["variants"][name.as_str()],
                });
            let whole = merge::merge(&file, patch).map_err(|error| {
                let at: Vec<&str> = variant.iter().flat_map(|v| ["variants", v]).collect();
                FileError::at(&source, positions.of(&at), error.to_string())
            })?;
            let merged = Merged {
                variant,
                file: whole,
            };
            exam.merged(&merged)?;
            scenarios.push(merged);
        }
        Ok(Self {
            source,
            file,
            scenarios,
        })
    }
}

fn sorted_entries(folder: &Path) -> std::io::Result<Vec<std::path::PathBuf>> {
    let mut paths = std::fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()?;
    paths.sort();
    Ok(paths)
}
