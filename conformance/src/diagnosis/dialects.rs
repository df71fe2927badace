//! The dialects: what the error texts of common HTTP stacks mean.
//!
//! One file a stack. Their texts were measured (connection-faults, section 6) with curl 7.88,
//! requests 2.34, httpx 0.28, Node 20, axios 1.21, Java 17 and reqwest 0.12, and with aiohttp 3.14
//! and Go 1.19; `tests/words` meets each stack that is installed again, and `docs/fault-atlas.md`
//! has what they said. `servicenow` holds the platform's own phrases and is always
//! tried last.

use std::sync::LazyLock;

use super::Class;
use super::words::{Found, Phrase, Phrases};

mod aiohttp;
mod axios;
mod curl;
mod go_http;
mod httpx;
mod java_httpclient;
mod node_fetch;
mod openssl;
mod python_requests;
mod reqwest;
mod servicenow;

/// The dialects a manifest may name.
pub const DIALECTS: &[&str] = &[
    "curl",
    "python-requests",
    "httpx",
    "node-fetch",
    "axios",
    "java-httpclient",
    "reqwest",
    "aiohttp",
    "go-http",
    "servicenow",
];

/// What a text means.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reading {
    /// The primary class; none for a text that names several unrelated causes.
    pub(super) class: Option<Class>,
    /// What else it may mean.
    pub(super) candidates: Vec<Class>,
    /// The dialect that read it.
    pub(super) dialect: &'static str,
    /// Whether the words name a cause, or only wrap one.
    pub(super) names_a_cause: bool,
    /// Where its words begin, in bytes.
    pub(super) at: usize,
}

/// A text that names this many unrelated causes names none.
const TOO_MANY: usize = 3;

/// Reads a text in the named dialects, in this order, and last in the platform's own phrases.
/// Words that only wrap a cause count where nothing else is found.
pub(super) fn read(named: &[String], text: &str) -> Option<Reading> {
    let order = order(named);
    [false, true].into_iter().find_map(|wrapping| {
        order
            .iter()
            .find_map(|dialect| weigh(found(dialect, text, wrapping), dialect))
    })
}

/// Reads a text of an unknown stack in the dialects that know most of its words, and names them.
/// The platform's own phrases count where no stack's words name a cause.
pub(super) fn read_closest(named: &[String], text: &str) -> Option<(Reading, Vec<&'static str>)> {
    let order = order(named);
    let readings = order.iter().filter_map(|dialect| {
        let causes = found(dialect, text, false);
        let wrappers = found(dialect, text, true);
        let known = causes.len() + wrappers.len();
        let causes = if causes.is_empty() { wrappers } else { causes };
        let reading = weigh(causes, dialect)?;
        Some((
            (reading.names_a_cause, *dialect != "servicenow", known),
            reading,
        ))
    });
    let mut readings: Vec<_> = readings.collect();
    let best = readings.iter().map(|(rank, _)| *rank).max()?;
    readings.retain(|(rank, _)| *rank == best);
    let class = readings.first()?.1.class;
    let dialects = readings
        .iter()
        .filter(|(_, reading)| reading.class == class)
        .map(|(_, reading)| reading.dialect)
        .collect();
    let (_, reading) = readings.into_iter().next()?;
    Some((reading, dialects))
}

/// The named dialects, and the platform's own phrases last.
fn order(named: &[String]) -> Vec<&'static str> {
    named
        .iter()
        .filter_map(|name| DIALECTS.iter().copied().find(|known| known == name))
        .filter(|name| *name != "servicenow")
        .chain(["servicenow"])
        .collect()
}

fn found(dialect: &str, text: &str, wrapping: bool) -> Vec<Found> {
    phrases(dialect)
        .iter()
        .filter(|list| list.may_find(text))
        .flat_map(|list| list.find(text, wrapping))
        .collect()
}

/// Lists go from the particular to the general, so the first phrase found is the diagnosis, and
/// the others are what the text also names; phrases that contradict each other too often are no
/// diagnosis.
fn weigh(found: Vec<Found>, dialect: &'static str) -> Option<Reading> {
    let at = found.first()?.at.start;
    let first = found.first()?.phrase;
    let mut candidates: Vec<Class> = Vec::new();
    let mut unrelated: Vec<Class> = vec![first.class];
    for class in found.iter().flat_map(|each| {
        std::iter::once(each.phrase.class).chain(each.phrase.candidates.iter().copied())
    }) {
        if class != first.class && !candidates.contains(&class) {
            candidates.push(class);
        }
    }
    for each in &found {
        let class = each.phrase.class;
        let related = unrelated
            .iter()
            .any(|known| family(*known) == family(class))
            || first.candidates.contains(&class)
            || each.phrase.candidates.contains(&first.class);
        if !related {
            unrelated.push(class);
        }
    }
    let class = if unrelated.len() >= TOO_MANY {
        candidates.insert(0, first.class);
        None
    } else {
        Some(first.class)
    };
    Some(Reading {
        class,
        candidates,
        dialect,
        names_a_cause: !first.wraps,
        at,
    })
}

fn family(class: Class) -> &'static str {
    class.name().split('.').next().unwrap_or_default()
}

fn phrases(dialect: &str) -> &'static [Phrases] {
    macro_rules! compiled {
        ($($list:expr),+) => {{
            static LISTS: LazyLock<Vec<Phrases>> =
                LazyLock::new(|| vec![$(Phrases::compile($list)),+]);
            &LISTS
        }};
    }
    match dialect {
        "curl" => compiled!(curl::PHRASES, openssl::PHRASES),
        "python-requests" => compiled!(python_requests::PHRASES, openssl::PHRASES),
        "httpx" => compiled!(httpx::PHRASES, openssl::PHRASES),
        "node-fetch" => compiled!(node_fetch::PHRASES, openssl::PHRASES),
        "axios" => compiled!(axios::PHRASES, node_fetch::PHRASES, openssl::PHRASES),
        "java-httpclient" => compiled!(java_httpclient::PHRASES),
        "reqwest" => compiled!(reqwest::PHRASES),
        "aiohttp" => compiled!(aiohttp::PHRASES, openssl::PHRASES),
        "go-http" => compiled!(go_http::PHRASES),
        "servicenow" => compiled!(servicenow::PHRASES),
        _ => &[],
    }
}

/// Asserts that each text is read as its class by a dialect.
#[cfg(test)]
fn reads_as(dialect: &str, cells: &[(Class, &str)]) {
    for (expected, text) in cells {
        let class = read(&[dialect.to_owned()], text).and_then(|reading| reading.class);
        assert_eq!(class, Some(*expected), "{dialect}: {text}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phrase_compiles_and_every_dialect_has_some() {
        let lists: [(&str, usize); 10] = [
            ("curl", curl::PHRASES.len() + openssl::PHRASES.len()),
            (
                "python-requests",
                python_requests::PHRASES.len() + openssl::PHRASES.len(),
            ),
            ("httpx", httpx::PHRASES.len() + openssl::PHRASES.len()),
            (
                "node-fetch",
                node_fetch::PHRASES.len() + openssl::PHRASES.len(),
            ),
            (
                "axios",
                axios::PHRASES.len() + node_fetch::PHRASES.len() + openssl::PHRASES.len(),
            ),
            ("java-httpclient", java_httpclient::PHRASES.len()),
            ("reqwest", reqwest::PHRASES.len()),
            ("aiohttp", aiohttp::PHRASES.len() + openssl::PHRASES.len()),
            ("go-http", go_http::PHRASES.len()),
            ("servicenow", servicenow::PHRASES.len()),
        ];
        assert_eq!(lists.map(|(name, _)| name)[..], *DIALECTS);
        for (name, count) in lists {
            assert_eq!(
                phrases(name).iter().map(Phrases::len).sum::<usize>(),
                count,
                "{name}"
            );
        }
    }

    #[test]
    fn a_text_that_blames_everything_blames_nothing() {
        let text = "User Not Authenticated, or the instance is hibernating, or rate limit exceeded, or Invalid table x";
        let reading = read(&[], text).unwrap();
        assert_eq!(reading.class, None);
        assert!(reading.candidates.contains(&Class::AuthInvalidCredentials));
        assert!(reading.candidates.contains(&Class::InstanceHibernating));
    }

    #[test]
    fn plain_words_mean_nothing() {
        for text in ["done", "12 records written", "something went wrong", ""] {
            let named: Vec<String> = DIALECTS.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(read(&named, text), None, "{text}");
        }
    }
}
