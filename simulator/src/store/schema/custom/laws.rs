//! Laws of custom tables: what passes the check is a schema that keeps every law of the base one,
//! and what does not is refused with its place.

use indexmap::IndexMap;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Dictionary, check, with};
use crate::setup::{ColumnDefinition, TableDefinition};
use crate::store::schema::Schema;
use crate::store::schema::field_type::{Storage, TYPES, storage};
use crate::store::schema::laws::assert_laws;

fn dictionary(value: Value) -> Dictionary {
    serde_json::from_value(value).unwrap()
}

fn refusal(value: Value) -> String {
    check(Some(&dictionary(value))).unwrap_err().to_string()
}

#[test]
fn what_cannot_be_had_is_named_with_its_place_and_the_nearest() {
    let refused = [
        json!({"u_server": {"extends": "cmdb_ci_servr"}}),
        json!({"u_a": {"extends": "u_b"}, "u_b": {"extends": "u_a"}}),
        json!({"u_a": {"extends": "u_a"}}),
        json!({"incident": {"label": "Mine"}}),
        json!({"Server": {}}),
        json!({"sys_number": {}}),
        json!({"u_a": {"columns": {"drop table": {}}}}),
        json!({"u_a": {"columns": {"u_b": {"type": "intger"}}}}),
        json!({"u_a": {"columns": {"u_b": {"type": "reference"}}}}),
        json!({"u_a": {"columns": {"u_b": {"reference": "sys_usr"}}}}),
        json!({"u_a": {"columns": {"u_b": {"type": "integer", "reference": "sys_user"}}}}),
        json!({"u_a": {"columns": {"u_b": {"type": "boolean", "choices": {"a": "A"}}}}}),
        json!({"u_a": {"columns": {"u_b": {"type": "integer", "choices": {"a": "A"}}}}}),
        json!({"u_a": {"columns": {"u_b": {"type": "integer", "default": "seven"}}}}),
        json!({"u_a": {"columns": {"u_b": {"max_length": 0}}}}),
        json!({"u_a": {"columns": {"u_b": {"display": true}, "u_c": {"display": true}}}}),
        json!({"u_a": {"columns": {"sys_id": {}}}}),
        json!({"u_a": {"extends": "cmdb_ci_server", "columns": {"ip_address": {}}}}),
        json!({"cmdb_ci": {"columns": {"u_b": {}}}, "cmdb_ci_server": {"columns": {"u_b": {}}}}),
        json!({"cmdb_ci": {"columns": {"kernel_release": {"type": "integer"}}}}),
        json!({"u_a": {"number_prefix": "VND"}}),
        json!({"u_a": {"extends": "task", "number_prefix": "vnd"}}),
    ];
    let said: Vec<String> = refused.into_iter().map(refusal).collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_dictionary_is_bounded() {
    let column = || (0..61).map(|at| (format!("u_{at}"), json!({})));
    let table = json!({"columns": column().collect::<serde_json::Map<_, _>>()});
    let many: serde_json::Map<String, Value> = (0..50)
        .map(|at| (format!("u_table_{at}"), table.clone()))
        .collect();
    assert!(refusal(many.into()).contains("50 tables and 3050 columns"));
    let deep: serde_json::Map<String, Value> = (0..40)
        .map(|at| {
            (
                format!("u_{at}"),
                json!({"extends": format!("u_{}", at + 1)}),
            )
        })
        .chain([("u_40".to_owned(), json!({}))])
        .collect();
    assert!(refusal(deep.into()).contains("more than 30 ancestors"));
}

#[test]
fn equal_dictionaries_share_a_schema() {
    let one = dictionary(json!({"u_a": {"columns": {"u_b": {}, "u_c": {}}}}));
    let other = dictionary(json!({"u_a": {"columns": {"u_c": {}, "u_b": {}}}}));
    fn schema(dictionary: &Dictionary) -> &'static Schema {
        with(Some(dictionary)).unwrap()
    }
    assert!(std::ptr::eq(schema(&one), schema(&one.clone())));
    assert!(!std::ptr::eq(schema(&one), schema(&other)));
    let names: Vec<&str> = schema(&other).class("u_a").unwrap().own[..2].to_vec();
    assert_eq!(names, ["u_c", "u_b"]);
    assert!(std::ptr::eq(with(None).unwrap(), super::base()));
    assert_eq!(schema(&one).class("u_a").unwrap().schema(), schema(&one));
}

/// Tables that extend base tables or earlier ones of their own, with columns of every type.
fn dictionaries() -> impl Strategy<Value = Dictionary> {
    let parents = prop::sample::select(vec!["", "cmdb_ci_server", "task", "sys_metadata", "u_t0"]);
    let column = (0..TYPES.len(), any::<prop::sample::Index>(), any::<bool>());
    let table = (parents, prop::collection::vec(column, 0..6));
    let added = prop::sample::select(vec!["incident", "cmdb_ci", "sys_user"]);
    (prop::collection::vec(table, 1..5), added).prop_map(|(tables, added)| {
        let mut dictionary: Dictionary = IndexMap::new();
        for (at, (parent, columns)) in tables.iter().enumerate() {
            let columns = columns
                .iter()
                .enumerate()
                .map(|(number, (kind, to, plain))| {
                    let (name, storage) = TYPES[*kind];
                    let targets = ["sys_user", "cmdb_ci", "u_t0"];
                    let reference = match storage {
                        Storage::Reference => Some(*to.get(&targets)),
                        Storage::List if *plain => None,
                        Storage::List => Some(*to.get(&targets)),
                        Storage::As(_) => None,
                    };
                    let definition = ColumnDefinition {
                        internal_type: Some(name.to_owned()),
                        reference: reference.map(str::to_owned),
                        display: (number == 0).then_some(true),
                        mandatory: Some(*plain),
                        ..ColumnDefinition::default()
                    };
                    (format!("u_c{at}_{number}"), definition)
                });
            let definition = TableDefinition {
                extends: Some(*parent)
                    .filter(|parent| !parent.is_empty() && (at > 0 || *parent != "u_t0"))
                    .map(str::to_owned),
                columns: Some(columns.collect()),
                ..TableDefinition::default()
            };
            dictionary.insert(format!("u_t{at}"), definition);
        }
        let own = ColumnDefinition {
            reference: Some("u_t0".to_owned()),
            ..ColumnDefinition::default()
        };
        let definition = TableDefinition {
            columns: Some([("u_added".to_owned(), own)].into()),
            ..TableDefinition::default()
        };
        dictionary.insert(added.to_owned(), definition);
        dictionary
    })
}

/// Anything at all, by names that are nearly right.
fn nonsense() -> impl Strategy<Value = Dictionary> {
    let word = || {
        prop::sample::select(vec![
            "u_a",
            "u_b",
            "task",
            "sys_id",
            "\"; --",
            "",
            "reference",
            "1",
        ])
    };
    let column = (
        word(),
        prop::option::of(word()),
        prop::option::of(word()),
        prop::option::of(word()),
    );
    let column = column.prop_map(|(name, internal_type, reference, default)| {
        let definition = ColumnDefinition {
            internal_type: internal_type.map(str::to_owned),
            reference: reference.map(str::to_owned),
            default: default.map(str::to_owned),
            ..ColumnDefinition::default()
        };
        (name.to_owned(), definition)
    });
    let table = (
        word(),
        prop::option::of(word()),
        prop::collection::vec(column, 0..4),
    );
    prop::collection::vec(table, 0..5).prop_map(|tables| {
        tables
            .into_iter()
            .map(|(name, extends, columns)| {
                let definition = TableDefinition {
                    extends: extends.map(str::to_owned),
                    columns: Some(columns.into_iter().collect()),
                    ..TableDefinition::default()
                };
                (name.to_owned(), definition)
            })
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_schema_that_can_be_had_keeps_the_laws(dictionary in dictionaries()) {
        assert_laws(with(Some(&dictionary)).unwrap());
    }

    #[test]
    fn whatever_passes_the_check_keeps_the_laws(dictionary in nonsense()) {
        if let Ok(schema) = with(Some(&dictionary)) {
            assert_laws(schema);
        }
    }
}

#[test]
fn every_type_is_known_once() {
    for (at, (name, kind)) in TYPES.iter().enumerate() {
        assert_eq!(storage(name), Some(*kind), "{name}");
        assert!(TYPES[..at].iter().all(|(other, _)| other != name), "{name}");
    }
}
