//! Answers and bodies in XML, said in JSON elsewhere (wire-core 1.6).
//!
//! Of an answer, the declaration, `<response>`, `<result>` and the empty element are observed; that
//! a list is one `<result>` a row is inferred, and the order within an error is that of an observed
//! one. Of a body, `<request><entry>` is the form of the documentation's samples. That names which
//! are no XML names have their odd characters replaced by `_`, and that characters which XML cannot
//! hold are left out, is *assumed*; so is that a body may have any root, that elements which repeat
//! are a list, and that a document type is refused.

use std::fmt::Write as _;

use quick_xml::Reader;
use quick_xml::escape::escape;
use quick_xml::events::Event;
use serde_json::{Map, Value};

const DECLARATION: &str = r#"<?xml version="1.0" encoding="UTF-8"?>"#;

/// Elements within elements that a body may have.
const DEEPEST: usize = 64;

/// An answer in XML.
pub(super) fn write(answer: &Value) -> String {
    let mut out = String::from(DECLARATION);
    match answer {
        Value::Array(rows) => {
            out.push_str("<response>");
            for row in rows {
                element(&mut out, "result", row);
            }
            out.push_str("</response>");
        }
        whole => element(&mut out, "response", whole),
    }
    out
}

fn element(out: &mut String, name: &str, value: &Value) {
    let text = match value {
        Value::Array(items) => {
            for item in items {
                element(out, name, item);
            }
            return;
        }
        Value::Object(fields) => {
            object(out, name, fields);
            return;
        }
        Value::Null => String::new(),
        Value::String(text) => text.chars().filter(|c| is_legal(*c)).collect(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    };
    let name = xml_name(name);
    let _infallible = if text.is_empty() {
        write!(out, "<{name}/>")
    } else {
        write!(out, "<{name}>{}</{name}>", escape(&*text))
    };
}

fn object(out: &mut String, name: &str, fields: &Map<String, Value>) {
    // A list without rows leaves nothing behind either.
    let empty = |value: &Value| value.as_array().is_some_and(Vec::is_empty);
    let tag = xml_name(name);
    if fields.values().all(empty) {
        let _infallible = write!(out, "<{tag}/>");
        return;
    }
    let _infallible = write!(out, "<{tag}>");
    let is_error = name == "error" && fields.contains_key("detail");
    if is_error && let Some(detail) = fields.get("detail") {
        element(out, "detail", detail);
    }
    for (name, value) in fields {
        if !(is_error && name == "detail") {
            element(out, name, value);
        }
    }
    let _infallible = write!(out, "</{tag}>");
}

/// A name as XML allows it; a colon would make it a name of a namespace that nobody declared.
fn xml_name(name: &str) -> String {
    let starts = |c: char| c.is_alphabetic() || c == '_';
    let goes_on = |c: char| starts(c) || c.is_ascii_digit() || matches!(c, '-' | '.');
    let mut legal: String = name
        .chars()
        .map(|c| if goes_on(c) { c } else { '_' })
        .collect();
    if !legal.starts_with(starts) {
        legal.insert(0, '_');
    }
    legal
}

/// Whether XML 1.0 can hold a character (its production 2).
const fn is_legal(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Why a body in XML cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum XmlError {
    #[error(transparent)]
    Syntax(#[from] quick_xml::Error),
    #[error("it is not UTF-8")]
    NotUtf8,
    #[error("it has a document type")]
    DocumentType,
    #[error("it refers to the unknown entity `{0}`")]
    UnknownEntity(String),
    #[error("it is deeper than {DEEPEST} elements")]
    TooDeep,
    #[error("it has {0}")]
    Shape(&'static str),
}

/// One element on the way.
#[derive(Default)]
struct Open {
    name: String,
    text: String,
    fields: Map<String, Value>,
}

impl Open {
    fn add(&mut self, name: String, value: Value) {
        match self.fields.get_mut(&name) {
            None => {
                self.fields.insert(name, value);
            }
            Some(Value::Array(items)) => items.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }

    fn into_value(self) -> Value {
        if self.fields.is_empty() {
            Value::String(self.text)
        } else {
            Value::Object(self.fields)
        }
    }
}

/// The JSON that says the same as a body: the fields of `<entry>` below the root, a list of them
/// where there are several, or else the fields of the root.
pub(super) fn read(body: &[u8]) -> Result<Value, XmlError> {
    let text = std::str::from_utf8(body).map_err(|_| XmlError::NotUtf8)?;
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Open> = Vec::new();
    let mut root = None;
    loop {
        match reader.read_event()? {
            Event::Start(tag) => {
                if open.len() >= DEEPEST {
                    return Err(XmlError::TooDeep);
                }
                alone(&open, root.as_ref())?;
                open.push(Open {
                    name: name(tag.local_name().as_ref()),
                    ..Open::default()
                });
            }
            Event::Empty(tag) => {
                alone(&open, root.as_ref())?;
                let name = name(tag.local_name().as_ref());
                close(&mut open, name, Value::String(String::new()), &mut root);
            }
            Event::End(_) => {
                let Some(ended) = open.pop() else {
                    return Err(XmlError::Shape("an end without a beginning"));
                };
                let name = ended.name.clone();
                close(&mut open, name, ended.into_value(), &mut root);
            }
            Event::Text(text) => add_text(&mut open, &name(&text))?,
            Event::CData(text) => add_text(&mut open, &name(&text))?,
            Event::GeneralRef(entity) => {
                let resolved = match entity.resolve_char_ref()? {
                    Some(c) => c.to_string(),
                    None => predefined(&name(&entity))?.to_owned(),
                };
                add_text(&mut open, &resolved)?;
            }
            Event::DocType(_) => return Err(XmlError::DocumentType),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => break,
        }
    }
    if !open.is_empty() {
        return Err(XmlError::Shape("an element without an end"));
    }
    match root {
        None => Err(XmlError::Shape("no element")),
        Some(Value::Object(mut fields)) => match fields.remove("entry") {
            // An entry without fields sets nothing.
            Some(Value::String(_)) => Ok(Value::Object(Map::new())),
            Some(entry) => Ok(entry),
            None => Ok(Value::Object(fields)),
        },
        Some(_) => Ok(Value::Object(Map::new())),
    }
}

fn alone(open: &[Open], root: Option<&Value>) -> Result<(), XmlError> {
    if open.is_empty() && root.is_some() {
        return Err(XmlError::Shape("more than one root"));
    }
    Ok(())
}

fn close(open: &mut [Open], name: String, value: Value, root: &mut Option<Value>) {
    match open.last_mut() {
        Some(parent) => parent.add(name, value),
        None => *root = Some(value),
    }
}

fn add_text(open: &mut [Open], text: &str) -> Result<(), XmlError> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return Err(XmlError::Shape("text outside its root")),
    }
    Ok(())
}

/// The whole text is UTF-8, and so are its parts.
fn name(part: &[u8]) -> String {
    String::from_utf8_lossy(part).into_owned()
}

fn predefined(entity: &str) -> Result<&'static str, XmlError> {
    Ok(match entity {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        other => return Err(XmlError::UnknownEntity(other.to_owned())),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn answers_look_like_observed_ones() {
        for (answer, xml) in [
            (
                json!({ "result": { "user_name": "" } }),
                "<response><result><user_name/></result></response>",
            ),
            (
                json!({ "result": [{ "a": "1" }, { "role.name": "<&>" }] }),
                "<response><result><a>1</a></result><result><role.name>&lt;&amp;&gt;</role.name></result></response>",
            ),
            (json!({ "result": [] }), "<response/>"),
            (
                json!({ "error": { "message": "m", "detail": null }, "status": "failure" }),
                "<response><error><detail/><message>m</message></error><status>failure</status></response>",
            ),
            (
                json!({ "result": { "1 x": true, "": 2, "c": "a\u{0}b\u{fffe}" } }),
                "<response><result><_1_x>true</_1_x><_>2</_><c>ab</c></result></response>",
            ),
        ] {
            assert_eq!(write(&answer), format!("{DECLARATION}{xml}"));
        }
    }

    fn said(body: &str) -> Result<String, String> {
        read(body.as_bytes())
            .map(|value| value.to_string())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn bodies_say_the_same_as_json() {
        for (body, json) in [
            (
                "<request><entry><a>1 &amp; 2 &#x41;</a><b/><c><![CDATA[<x>]]></c></entry></request>",
                r#"{"a":"1 & 2 A","b":"","c":"<x>"}"#,
            ),
            (
                "<?xml version=\"1.0\"?>\n<!-- c --><request>\n <entry>\n  <a>x</a>\n </entry>\n</request>\n",
                r#"{"a":"x"}"#,
            ),
            (
                "<r><entry><a>1</a></entry><entry><a>2</a></entry></r>",
                r#"[{"a":"1"},{"a":"2"}]"#,
            ),
            (
                "<r><records><n>1</n></records><records><n>2</n></records></r>",
                r#"{"records":[{"n":"1"},{"n":"2"}]}"#,
            ),
            ("<request><entry/></request>", "{}"),
            ("<request/>", "{}"),
        ] {
            assert_eq!(said(body).as_deref(), Ok(json), "{body}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for body in [
            "",
            "text",
            "<a>",
            "<a></b>",
            "</a>",
            "<a/><b/>",
            "<a/>x",
            "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
            "<a>&nbsp;</a>",
            "<a>&#x0;</a>",
        ] {
            assert!(said(body).is_err(), "{body}");
        }
        let deep = "<a>".repeat(100_000);
        assert!(said(&deep).unwrap_err().contains("deeper"));
        assert!(read(b"<a>\xff</a>").is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn no_body_makes_it_panic(body in "(<[/?!]?[a-c]{0,2}/?>|&#?x?[a-z0-9]{0,3};|[a-z<>&!\\[\\]\u{0}é-]|<!\\[CDATA\\[|\\]\\]>|--){0,24}") {
            let _either = read(body.as_bytes());
        }

        #[test]
        fn what_is_written_is_read_again(
            fields in proptest::collection::btree_map("[a-z_]{1,6}", "\\PC{0,12}", 1..6)
        ) {
            let value = json!({ "entry": fields });
            let read = read(write(&value).as_bytes()).unwrap();
            prop_assert_eq!(read, value["entry"].clone());
        }
    }
}
