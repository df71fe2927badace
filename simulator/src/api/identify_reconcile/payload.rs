//! What a payload says: items, and relations between them.

use serde_json::{Map, Value, json};

use crate::api::json_body::{field, text};
use crate::store::Values;

/// Bytes of an item that a message shows, at most (*assumed*; it bounds an answer whose every
/// message shows a large item).
const MAX_SHOWN: usize = 4_000;

/// A payload as it was sent.
#[derive(Debug, Default)]
pub(in crate::api) struct Payload {
    pub(super) items: Vec<Item>,
    pub(super) relations: Vec<Relation>,
    pub(super) references: Vec<Reference>,
}

/// A configuration item that is to be identified.
#[derive(Debug, Clone, Default)]
pub(in crate::api) struct Item {
    pub(in crate::api) class_name: String,
    pub(super) internal_id: Option<String>,
    pub(in crate::api) values: Values,
    pub(super) lookups: Vec<Lookup>,
    /// Classes of related items, which are not modelled.
    pub(super) related: Vec<String>,
    pub(super) source: Option<Source>,
    pub(super) settings: Settings,
}

/// A record that helps to identify an item.
#[derive(Debug, Clone)]
pub(super) struct Lookup {
    pub(super) class_name: String,
    pub(super) internal_id: Option<String>,
    pub(super) values: Values,
    /// Its item's place and its own.
    pub(super) place: (usize, usize),
}

/// `sys_object_source_info`.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pub(super) name: String,
    pub(super) native_key: String,
    pub(super) feed: String,
    pub(super) recency: String,
    sent: Value,
}

/// Which changes of class an item rules out.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Settings {
    pub(super) without_upgrade: bool,
    pub(super) without_downgrade: bool,
    pub(super) without_switch: bool,
}

/// A relation between two items.
#[derive(Debug)]
pub(super) struct Relation {
    pub(super) parent: End,
    pub(super) child: End,
    pub(super) type_name: String,
    pub(super) sent: String,
}

/// One end of a relation.
#[derive(Debug)]
pub(super) enum End {
    /// Place in `items`.
    Index(usize),
    /// `internal_id` of an item or a lookup.
    Id(String),
    /// Neither, as it was sent.
    Invalid(String),
}

/// A reference from one item to another.
#[derive(Debug)]
pub(super) struct Reference {
    pub(super) field: String,
    pub(super) referenced: String,
    pub(super) referenced_by: String,
}

impl Payload {
    /// Reads a payload. What is of the wrong type is read as missing; `items` that is no list is
    /// an error.
    pub(super) fn read(body: &Map<String, Value>) -> Result<Self, &'static str> {
        let list = |name: &str| match body.get(name) {
            None | Some(Value::Null) => Ok(&[][..]),
            Some(Value::Array(list)) => Ok(list.as_slice()),
            Some(_) => Err("`items`, `relations` or `referenceItems` is no list"),
        };
        let items = list("items")?.iter().enumerate();
        Ok(Self {
            items: items.map(|(at, item)| Item::read(item, at)).collect(),
            relations: list("relations")?.iter().map(Relation::read).collect(),
            references: list("referenceItems")?
                .iter()
                .map(|reference| Reference {
                    field: string(reference, "referenceField"),
                    referenced: string(reference, "referenced"),
                    referenced_by: string(reference, "referencedBy"),
                })
                .collect(),
        })
    }

    /// A payload of one item.
    pub(super) fn of(item: Item) -> Self {
        Self {
            items: vec![item],
            ..Self::default()
        }
    }

    /// Items, lookups, related items, relations and references.
    pub(super) fn len(&self) -> usize {
        let parts = |item: &Item| 1 + item.lookups.len() + item.related.len();
        let items: usize = self.items.iter().map(parts).sum();
        items + self.relations.len() + self.references.len()
    }
}

impl Item {
    fn read(item: &Value, at: usize) -> Self {
        let list = |name: &str| item.get(name).and_then(Value::as_array);
        let lookups = list("lookup").into_iter().flatten().enumerate();
        let related = list("related").into_iter().flatten();
        let flag = |name: &str| {
            let value = item.get("settings").and_then(|settings| settings.get(name));
            value.and_then(Value::as_bool).unwrap_or(false)
        };
        Self {
            class_name: string(item, "className"),
            internal_id: id(item, "internal_id"),
            values: values(item),
            lookups: lookups
                .map(|(place, lookup)| Lookup {
                    class_name: string(lookup, "className"),
                    internal_id: id(lookup, "internal_id"),
                    values: values(lookup),
                    place: (at, place),
                })
                .collect(),
            related: related
                .map(|related| string(related, "className"))
                .collect(),
            source: item.get("sys_object_source_info").and_then(Source::read),
            settings: Settings {
                without_upgrade: flag("updateWithoutUpgrade"),
                without_downgrade: flag("updateWithoutDowngrade"),
                without_switch: flag("updateWithoutSwitch"),
            },
        }
    }

    /// The item as error messages show it, with its data source.
    pub(super) fn shown(&self, source: Option<&str>) -> String {
        let mut values = Map::new();
        if let Some(source) = source {
            values.insert("discovery_source".to_owned(), source.into());
        }
        for (name, value) in &self.values {
            values.insert(name.clone(), value.as_str().into());
        }
        let mut shown = json!({"className": self.class_name, "values": values});
        if let (Some(source), Some(shown)) = (&self.source, shown.as_object_mut()) {
            shown.insert("sys_object_source_info".to_owned(), source.sent.clone());
        }
        if let Some(shown) = shown.as_object_mut() {
            shown.insert("settings".to_owned(), json!({}));
        }
        let mut shown = shown.to_string();
        shown.truncate(shown.floor_char_boundary(MAX_SHOWN));
        shown
    }

    /// Adds what another item says of the same configuration item; what this one says stays.
    pub(super) fn join(&mut self, other: Self) {
        for (name, value) in other.values {
            self.values.entry(name).or_insert(value);
        }
        self.lookups.extend(other.lookups);
        self.related.extend(other.related);
        self.source = self.source.take().or(other.source);
    }
}

impl Source {
    fn read(info: &Value) -> Option<Self> {
        let source = Self {
            name: string(info, "source_name"),
            native_key: string(info, "source_native_key"),
            feed: string(info, "source_feed"),
            recency: string(info, "source_recency_timestamp"),
            sent: info.clone(),
        };
        info.is_object().then_some(source)
    }

    /// Whether it can identify an item.
    pub(super) fn identifies(&self) -> bool {
        !self.name.is_empty() && !self.native_key.is_empty()
    }
}

impl Relation {
    fn read(relation: &Value) -> Self {
        let end = |index: &str, by_id: &str| match (relation.get(index), id(relation, by_id)) {
            (_, Some(id)) => End::Id(id),
            // Clients send indices as text too.
            (Some(Value::String(index)), None) => index
                .trim()
                .parse()
                .map_or_else(|_| End::Invalid(index.clone()), End::Index),
            (Some(value), None) => value
                .as_u64()
                .and_then(|index| usize::try_from(index).ok())
                .map_or_else(|| End::Invalid(value.to_string()), End::Index),
            (None, None) => End::Invalid("null".to_owned()),
        };
        Self {
            parent: end("parent", "parent_id"),
            child: end("child", "child_id"),
            type_name: string(relation, "type"),
            sent: relation.to_string(),
        }
    }
}

/// A field as text; empty where it is missing.
fn string(object: &Value, name: &str) -> String {
    object.get(name).and_then(text).unwrap_or_default()
}

fn id(object: &Value, name: &str) -> Option<String> {
    Some(string(object, name)).filter(|id| !id.is_empty())
}

/// Columns and values; a value that is a list or an object is left out.
fn values(object: &Value) -> Values {
    let fields = object.get("values").and_then(Value::as_object);
    fields
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.clone(), field(value)?)))
        .collect()
}
