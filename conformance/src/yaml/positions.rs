//! Where each node of a YAML file stands, for errors found after it was read.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Location, Spanned};

use super::{FileError, SourceFile};

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in characters.
    pub column: usize,
}

impl Place {
    /// The first character.
    pub const START: Self = Self { line: 1, column: 1 };

    /// Byte offset of this place, at most the length of the text.
    pub(super) fn offset_in(self, text: &str) -> usize {
        let mut offset = 0;
        for (number, line) in text.split_inclusive('\n').enumerate() {
            if number + 1 == self.line {
                return offset
                    + line
                        .char_indices()
                        .nth(self.column - 1)
                        .map_or(line.trim_end_matches('\n').len(), |(at, _)| at);
            }
            offset += line.len();
        }
        text.len()
    }
}

impl From<Location> for Place {
    fn from(location: Location) -> Self {
        Self {
            line: usize::try_from(location.line()).unwrap_or(1).max(1),
            column: usize::try_from(location.column()).unwrap_or(1).max(1),
        }
    }
}

/// The places of a file's nodes, by their keys from the root.
#[derive(Debug)]
pub struct Positions {
    root: Spanned<Node>,
}

impl Positions {
    /// Reads the places of a file that is known to be YAML.
    ///
    /// # Errors
    ///
    /// It is not YAML.
    pub fn read(source: &SourceFile) -> Result<Self, Box<FileError>> {
        super::read(source).map(|root| Self { root })
    }

    /// The place of the node at `path`, or of its nearest parent that is written in the file.
    /// List items are named by their index. A map's entry is found at its key.
    #[must_use]
    pub fn of(&self, path: &[&str]) -> Place {
        let mut node = &self.root.value;
        let mut place = Place::from(self.root.referenced);
        for step in path {
            let child = match node {
                Node::Map(entries) => entries.iter().find(|(key, _)| key.value == *step),
                Node::List(items) => {
                    let item = step.parse::<usize>().ok().and_then(|at| items.get(at));
                    match item {
                        Some(item) => {
                            place = Place::from(item.referenced);
                            node = &item.value;
                            continue;
                        }
                        None => None,
                    }
                }
                Node::Scalar => None,
            };
            let Some((key, value)) = child else { break };
            place = Place::from(key.referenced);
            node = &value.value;
        }
        place
    }
}

#[derive(Debug)]
enum Node {
    Map(Vec<(Spanned<String>, Spanned<Self>)>),
    List(Vec<Spanned<Self>>),
    Scalar,
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NodeVisitor;

        impl<'de> Visitor<'de> for NodeVisitor {
            type Value = Node;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any YAML")
            }
            fn visit_bool<E>(self, _: bool) -> Result<Node, E> {
                Ok(Node::Scalar)
            }
            fn visit_i64<E>(self, _: i64) -> Result<Node, E> {
                Ok(Node::Scalar)
            }
            fn visit_u64<E>(self, _: u64) -> Result<Node, E> {
                Ok(Node::Scalar)
            }
            fn visit_f64<E>(self, _: f64) -> Result<Node, E> {
                Ok(Node::Scalar)
            }
            fn visit_str<E>(self, _: &str) -> Result<Node, E> {
                Ok(Node::Scalar)
            }
            fn visit_unit<E>(self) -> Result<Node, E> {
                Ok(Node::Scalar)
            }
            fn visit_none<E>(self) -> Result<Node, E> {
                Ok(Node::Scalar)
            }
            fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<Node, D::Error> {
                IgnoredAny::deserialize(inner).map(|_| Node::Scalar)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = list.next_element()? {
                    items.push(item);
                }
                Ok(Node::List(items))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Node::Map(entries))
            }
        }

        deserializer.deserialize_any(NodeVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_are_found_by_their_path() {
        let source = SourceFile {
            name: "x.yaml".into(),
            text: "a: 1\nb:\n  c:\n    - d: [x, yy]\n    - { e: true }\n".into(),
        };
        let positions = Positions::read(&source).unwrap();
        let at = |path: &[&str]| {
            let place = positions.of(path);
            (place.line, place.column)
        };
        assert_eq!(at(&["a"]), (1, 1));
        assert_eq!(at(&["b", "c"]), (3, 3));
        assert_eq!(at(&["b", "c", "0", "d"]), (4, 7));
        assert_eq!(at(&["b", "c", "0", "d", "1"]), (4, 14));
        assert_eq!(at(&["b", "c", "1", "e"]), (5, 9));
        assert_eq!(at(&["b", "nowhere", "x"]), (2, 1));
    }

    #[test]
    fn offsets_stay_within_the_text() {
        for (line, column) in [(1, 1), (1, 99), (3, 1), (99, 99)] {
            let text = "äb\ncd";
            assert!(Place { line, column }.offset_in(text) <= text.len());
        }
        assert_eq!(Place { line: 1, column: 2 }.offset_in("äb\ncd"), 2);
    }
}
