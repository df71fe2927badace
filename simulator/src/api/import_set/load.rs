//! Takes rows into a staging table and transforms them.

use http::StatusCode;
use serde_json::{Map as Object, Value, json};

use super::maps::{self, Map};
use super::report::{Report, Transformed};
use super::transform::{self, Outcome};
use crate::api::Owned;
use crate::api::failures::Failed;
use crate::api::query_string::Parameters;
use crate::api::settable::{is_outcome, settable};
use crate::api::{json_body, opened};
use crate::policy::Access;
use crate::reply::{JSON, Reply};
use crate::setup::Operation;
use crate::store::records::row;
use crate::store::records::values::written;
use crate::store::schema::{Class, Column};
use crate::store::text::fold;
use crate::store::{Records, StoreError, Values};

/// Records of one `insertMultiple`, at most (*assumed*).
const MOST_RECORDS: usize = 5_000;

/// One row, transformed before it is answered.
pub(super) fn one(call: &Owned, staging: &'static Class) -> Result<Reply, Failed> {
    let body = json_body::read(call)?;
    // Of several records only the first counts (wire-core 1.1).
    let first = match &body {
        Value::Array(listed) => listed.first(),
        record => Some(record),
    };
    let Some(fields) = first.and_then(Value::as_object) else {
        return Err(call.failures.malformed_body("it is no object").into());
    };
    let staged = named(staging, fields, false);
    let (report, unmodelled) = call.store.write(&call.author(), |records| {
        let maps = maps::of(records.connection, call, staging)?;
        let mut import = Import::begin(records, call, staging, None)?;
        let outcomes = import.take(records, call, &maps, staged)?;
        let results = maps
            .iter()
            .zip(&outcomes)
            .map(|(map, outcome)| Transformed::by(records.connection, call, map, outcome));
        let results = results.collect::<Result<_, _>>()?;
        let number = import.finish(records, call)?;
        let report = Report::new(number, staging, results);
        Ok::<_, Failed>((report.body()?, import.unmodelled))
    })?;
    let mut reply = Reply::application(StatusCode::CREATED, JSON, report);
    reply.unmodelled = unmodelled;
    Ok(reply)
}

/// A list of rows.
pub(super) fn many(call: &Owned, staging: &'static Class) -> Result<Reply, Failed> {
    let body = json_body::read(call)?;
    let unfit = |detail: &str| Failed::from(call.failures.unfit_body(detail));
    let Some(listed) = body.get("records").and_then(Value::as_array) else {
        return Err(unfit("records is missing or is no list."));
    };
    if listed.len() > MOST_RECORDS {
        let mut reply = call.failures.unfit_body("records is too long.");
        let what = format!("an import of more than {MOST_RECORDS} records");
        reply.unmodelled.push(what);
        return Err(reply.into());
    }
    let rows: Option<Vec<&Object<String, Value>>> = listed.iter().map(Value::as_object).collect();
    let Some(rows) = rows else {
        return Err(unfit("records holds something that is no object."));
    };
    let parameters = Parameters::read(&call.query);
    let given = parameters.value("multi_import_set_id").unwrap_or("");
    let (import_set, multiple, unmodelled) = call.store.write(&call.author(), |records| {
        let maps = maps::of(records.connection, call, staging)?;
        let multiple = multiple(records, call, staging, given)?;
        let mut import = Import::begin(records, call, staging, Some(&multiple))?;
        for fields in rows {
            import.take(records, call, &maps, named(staging, fields, true))?;
        }
        import.finish(records, call)?;
        Ok::<_, Failed>((import.sys_id, multiple, import.unmodelled))
    })?;
    let body = json!({"import_set_id": import_set, "multi_import_set_id": multiple});
    let mut reply = Reply::json(StatusCode::CREATED, &body);
    reply.unmodelled = unmodelled;
    Ok(reply)
}

/// The set of import sets that is named, where there is one, or else a new one.
fn multiple(
    records: &mut Records<'_>,
    call: &Owned,
    staging: &Class,
    given: &str,
) -> Result<String, StoreError> {
    const TABLE: &str = "sys_multi_import_set";
    let class = records.schema().known(TABLE)?;
    if opened::is_covered(records.connection, call, class, &Access::ALL, given)? {
        return Ok(given.to_owned());
    }
    records.insert(
        TABLE,
        &row([("table_name", staging.name), ("state", "loaded")]),
    )
}

/// An import set that is being filled.
struct Import {
    staging: &'static Class,
    sys_id: String,
    rows: usize,
    unmodelled: Vec<String>,
}

impl Import {
    fn begin(
        records: &mut Records<'_>,
        call: &Owned,
        staging: &'static Class,
        multiple: Option<&str>,
    ) -> Result<Self, StoreError> {
        let completed = written(call.now.unix);
        let values = row([
            ("table_name", staging.name),
            ("state", "loaded"),
            ("short_description", staging.label),
            ("load_completed", completed.as_str()),
            ("multi_import_set", multiple.unwrap_or("")),
        ]);
        Ok(Self {
            staging,
            sys_id: records.insert("sys_import_set", &values)?,
            rows: 0,
            unmodelled: Vec::new(),
        })
    }

    /// Keeps a row and runs every map over it.
    fn take(
        &mut self,
        records: &mut Records<'_>,
        call: &Owned,
        maps: &[Map],
        mut staged: Values,
    ) -> Result<Vec<Outcome>, Failed> {
        let (class, number) = (self.staging, self.rows.to_string());
        staged = settable(records.connection, call, class, None, staged)?.values;
        self.rows += 1;
        staged.extend(row([
            ("sys_import_set", self.sys_id.as_str()),
            ("sys_import_row", number.as_str()),
            ("sys_import_state", "pending"),
        ]));
        let id = records.insert(class.name, &staged)?;
        if !opened::is_covered(records.connection, call, class, &call.access, &id)? {
            return Err(call
                .failures
                .write_refused(Operation::Create, class.name)
                .into());
        }
        let mut outcomes = Vec::new();
        for map in maps {
            let outcome = transform::run(records, call, map, &staged, &mut self.unmodelled)?;
            let remembered = row([
                ("sys_transform_map", map.sys_id.as_str()),
                ("sys_import_state", outcome.status),
                ("sys_target_table", map.target.as_str()),
                ("sys_target_sys_id", outcome.record.as_deref().unwrap_or("")),
                ("sys_import_state_comment", outcome.message.as_str()),
            ]);
            records.update(class.name, &id, &remembered)?;
            outcomes.push(outcome);
        }
        self.unmodelled.sort();
        self.unmodelled.dedup();
        Ok(outcomes)
    }

    /// The set is done; returns its number.
    fn finish(&self, records: &mut Records<'_>, call: &Owned) -> Result<String, StoreError> {
        records.update(
            "sys_import_set",
            &self.sys_id,
            &row([("state", "processed")]),
        )?;
        let class = records.schema().known("sys_import_set")?;
        super::report::displayed(records.connection, call, class, &self.sys_id)
    }
}

/// The staging columns that a body names: by their names, or by their labels first. Those of
/// [`ROW`] say what became of a row, and are the instance's alone to fill.
fn named(staging: &Class, fields: &Object<String, Value>, by_label: bool) -> Values {
    let is_kept = |column: &&Column| !is_outcome(staging, column.name);
    let column = |key: &str| {
        let mut columns = staging.columns.values().filter(is_kept);
        let labelled = columns.find(|column| by_label && fold(&column.label()) == fold(key));
        let named = |key: &str| staging.column(key).filter(is_kept);
        labelled
            .or_else(|| named(key))
            .or_else(|| named(&key.to_lowercase()).filter(|_| by_label))
    };
    fields
        .iter()
        .filter_map(|(key, value)| Some((column(key)?.name.to_owned(), plain(value))))
        .collect()
}

/// A value as text; what is nested as the instance prints it, `=` in place of `:`.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Array(listed) => {
            let each: Vec<String> = listed.iter().map(plain).collect();
            format!("[{}]", each.join(", "))
        }
        Value::Object(fields) => {
            let pair = |(name, value): (&String, &Value)| format!("{name}={}", plain(value));
            let pairs: Vec<String> = fields.iter().map(pair).collect();
            format!("{{{}}}", pairs.join(", "))
        }
        flat => json_body::text(flat).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nested_is_printed_with_equals_signs() {
        let nested = json!({"a": {"b": 1, "c": [true, null, "x"]}});
        assert_eq!(plain(&nested), "{a={b=1, c=[true, , x]}}");
    }
}
