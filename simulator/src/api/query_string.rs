//! The parameters of a call, decoded, and as they were sent (wire-core 1.3, 1.4).

use percent_encoding::percent_decode_str;

/// Parameters that are read of one query: more than a request line of 8192 bytes holds, so that only
/// an address behind a short name or in a batch is cut.
const MOST: usize = 4096;

/// Parameters of one call, in the order in which they were sent.
#[derive(Debug)]
pub(super) struct Parameters<'a> {
    pairs: Vec<Pair<'a>>,
}

#[derive(Debug)]
struct Pair<'a> {
    /// As the caller sent it; none if it is only stood for.
    sent: Option<&'a str>,
    name: String,
    value: String,
}

impl<'a> Parameters<'a> {
    pub(super) fn read(query: &'a str) -> Self {
        let sent = query.split('&').filter(|sent| !sent.is_empty());
        let pairs = sent.take(MOST).map(|sent| Pair {
            sent: Some(sent),
            ..Pair::read(sent)
        });
        Self {
            pairs: pairs.collect(),
        }
    }

    /// Adds the parameters of another query, for which one of these stands. What was sent wins,
    /// and links to other pages name only what was sent.
    pub(super) fn standing_for(mut self, query: &str) -> Self {
        let meant = query.split('&').filter(|meant| !meant.is_empty());
        self.pairs.extend(meant.take(MOST).map(Pair::read));
        self
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

    /// A parameter that is a whole number; beyond what 64 bits hold it is the nearest that they do.
    pub(super) fn integer(&self, name: &str) -> Option<i64> {
        let text = self.value(name)?.trim();
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text),
        };
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let nearest = if negative { i64::MIN } else { i64::MAX };
        Some(text.parse().unwrap_or(nearest))
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
        let kept: Vec<&str> = kept.filter_map(|pair| pair.sent).collect();
        kept.join("&")
    }
}

impl Pair<'_> {
    fn read(text: &str) -> Self {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        Self {
            sent: None,
            name: decode(name),
            value: decode(value),
        }
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

    #[test]
    fn whole_numbers_are_read_whatever_their_size() {
        let read = Parameters::read("a=12&b=-99999999999999999999&c=99999999999999999999&d=1e3&e=");
        let found = ["a", "b", "c", "d", "e", "f"].map(|name| read.integer(name));
        let (least, most) = (Some(i64::MIN), Some(i64::MAX));
        assert_eq!(found, [Some(12), least, most, None, None, None]);
    }

    #[test]
    fn what_is_read_is_bounded() {
        let many = "a&".repeat(1_000_000);
        let read = Parameters::read(&many).standing_for(&many);
        assert_eq!(read.iter().count(), 2 * MOST);
    }

    #[test]
    fn a_parameter_can_stand_for_others() {
        let read = Parameters::read("sysparm_tiny=1&sysparm_limit=5");
        let read = read.standing_for("sysparm_limit=7&active=true");
        assert_eq!(read.value("sysparm_limit"), Some("5"));
        assert_eq!(read.value("active"), Some("true"));
        assert_eq!(read.as_sent_without(&["sysparm_limit"]), "sysparm_tiny=1");
    }
}
