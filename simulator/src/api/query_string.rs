//! The parameters of a call, decoded, and as they were sent (wire-core 1.3, 1.4).

use percent_encoding::percent_decode_str;

/// Parameters of one call, in the order in which they were sent.
#[derive(Debug)]
pub(super) struct Parameters<'a> {
    pairs: Vec<Pair<'a>>,
}

#[derive(Debug)]
struct Pair<'a> {
    sent: &'a str,
    name: String,
    value: String,
}

impl<'a> Parameters<'a> {
    pub(super) fn read(query: &'a str) -> Self {
        let pairs = query
            .split('&')
            .filter(|sent| !sent.is_empty())
            .map(|sent| {
                let (name, value) = sent.split_once('=').unwrap_or((sent, ""));
                Pair {
                    sent,
                    name: decode(name),
                    value: decode(value),
                }
            })
            .collect();
        Self { pairs }
    }

    /// The value of the first parameter of this name.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        let pair = self.pairs.iter().find(|pair| pair.name == name)?;
        Some(&pair.value)
    }

    /// Whether a parameter is the text `true`; anything else is false (wire-core 1.4, inferred).
    pub(super) fn flag(&self, name: &str) -> bool {
        self.value(name) == Some("true")
    }

    /// Names and values.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs
            .iter()
            .map(|pair| (pair.name.as_str(), pair.value.as_str()))
    }

    /// The parameters as sent, without those of these names.
    pub(super) fn as_sent_without(&self, names: &[&str]) -> String {
        let kept = self
            .pairs
            .iter()
            .filter(|pair| !names.contains(&pair.name.as_str()));
        kept.map(|pair| pair.sent).collect::<Vec<_>>().join("&")
    }
}

fn decode(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_decoded_and_kept_as_sent() {
        let read = Parameters::read("sysparm_query=name%3Da+b%5Eactive=true&sysparm_limit=5&&x");
        assert_eq!(read.value("sysparm_query"), Some("name=a b^active=true"));
        assert_eq!(read.value("x"), Some(""));
        assert!(!read.flag("x"));
        assert_eq!(
            read.as_sent_without(&["sysparm_limit"]),
            "sysparm_query=name%3Da+b%5Eactive=true&x"
        );
    }
}
