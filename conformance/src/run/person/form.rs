//! The forms of a page, as far as a person fills them in.

use std::sync::LazyLock;

use regex::Regex;

/// A form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Form {
    /// Where it is submitted.
    pub(super) action: String,
    fields: Vec<(String, String)>,
    buttons: Vec<Button>,
}

/// A button that submits a form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Button {
    name: String,
    value: String,
    /// What it says.
    pub(super) text: String,
}

impl Form {
    /// Whether it has such a field.
    pub(super) fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(field, _)| field == name)
    }

    /// The button that says this.
    pub(super) fn button(&self, text: &str) -> Option<&Button> {
        self.buttons
            .iter()
            .find(|button| button.text.eq_ignore_ascii_case(text))
    }

    /// Its fields with these values typed in.
    pub(super) fn filled(&self, typed: &[(&str, &str)]) -> Vec<(String, String)> {
        let fields = self.fields.iter();
        fields
            .map(|(name, value)| {
                let typed = typed.iter().find(|(field, _)| field == name);
                let value = typed.map_or(value.as_str(), |(_, value)| value);
                (name.clone(), value.to_owned())
            })
            .collect()
    }

    /// Its fields, and the button that was pressed.
    pub(super) fn pressed(&self, button: &Button) -> Vec<(String, String)> {
        let mut fields = self.fields.clone();
        if !button.name.is_empty() {
            fields.push((button.name.clone(), button.value.clone()));
        }
        fields
    }
}

#[expect(clippy::unwrap_used, reason = "fixed expressions, tried by the tests")]
static TAG: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?is)<(/?)(form|input|button)\b((?:[^>"']|"[^"]*"|'[^']*')*)>"#).unwrap()
});

#[expect(clippy::unwrap_used, reason = "fixed expressions, tried by the tests")]
static ATTRIBUTE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"(?s)([a-zA-Z_-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')"#).unwrap());

/// Every form of a page, in order.
pub(super) fn forms(html: &str) -> Vec<Form> {
    let mut forms: Vec<Form> = Vec::new();
    // The button whose text follows, and where that begins.
    let mut open: Option<(Button, usize)> = None;
    for tag in TAG.captures_iter(html) {
        let (Some(whole), closes) = (tag.get(0), !tag[1].is_empty()) else {
            continue;
        };
        let attribute = |name: &str| attribute(&tag[3], name).unwrap_or_default();
        match (tag[2].to_ascii_lowercase().as_str(), closes) {
            ("form", false) => forms.push(Form {
                action: attribute("action"),
                ..Form::default()
            }),
            ("input", false) => {
                let Some(form) = forms.last_mut() else {
                    continue;
                };
                if attribute("type") == "submit" {
                    form.buttons.push(Button {
                        name: attribute("name"),
                        value: attribute("value"),
                        text: attribute("value"),
                    });
                } else {
                    form.fields.push((attribute("name"), attribute("value")));
                }
            }
            ("button", false) => {
                let button = Button {
                    name: attribute("name"),
                    value: attribute("value"),
                    text: String::new(),
                };
                open = Some((button, whole.end()));
            }
            ("button", true) => {
                if let (Some((button, from)), Some(form)) = (open.take(), forms.last_mut()) {
                    let text = plain(html[from..whole.start()].trim());
                    form.buttons.push(Button { text, ..button });
                }
            }
            _ => {}
        }
    }
    forms
}

fn attribute(attributes: &str, name: &str) -> Option<String> {
    ATTRIBUTE.captures_iter(attributes).find_map(|found| {
        let value = found.get(2).or_else(|| found.get(3))?;
        found[1]
            .eq_ignore_ascii_case(name)
            .then(|| plain(value.as_str()))
    })
}

/// Text without character references, as far as templates write them.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.find(';').filter(|end| *end <= 8);
        match end.and_then(|end| Some((character(&rest[1..end])?, end))) {
            Some((character, end)) => {
                plain.push(character);
                rest = &rest[end + 1..];
            }
            None => {
                plain.push('&');
                rest = &rest[1..];
            }
        }
    }
    plain.push_str(rest);
    plain
}

fn character(reference: &str) -> Option<char> {
    Some(match reference {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = reference.strip_prefix('#')?;
            let number = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(number)?
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PAGE: &str = r#"<h1>x</h1><form action="/login.do" id="loginPage" method="post">
        <input type="hidden" name="sysparm_goto_url" value="/oauth_auth.do?a=1&#38;b=&quot;2&gt;">
        <input id='user_name' name='user_name' value="">
        <input name="user_password" type="password" required></form>
        <form action="/oauth_auth.do"><input type="hidden" name="t" value="1">
        <div><button type="submit" name="consent" value="allow">Allow</button>
        <button name="consent" value="deny" class="quiet"> Deny </button></div></form>"#;

    #[test]
    fn forms_are_read_filled_and_submitted() {
        let forms = forms(PAGE);
        let [login, consent] = forms.as_slice() else {
            panic!("{forms:?}")
        };
        assert!(login.has("user_password") && !consent.has("user_password"));
        let filled = login.filled(&[("user_name", "u"), ("user_password", "p")]);
        let value = |name: &str| {
            filled
                .iter()
                .find(|(field, _)| field == name)
                .unwrap()
                .1
                .clone()
        };
        assert_eq!(value("sysparm_goto_url"), "/oauth_auth.do?a=1&b=\"2>");
        assert_eq!(
            (value("user_name"), value("user_password")),
            ("u".into(), "p".into())
        );
        let deny = consent.button("deny").unwrap();
        let pressed = consent.pressed(deny);
        assert_eq!(pressed[1], ("consent".to_owned(), "deny".to_owned()));
        assert_eq!(consent.button("Perhaps"), None);
    }

    proptest! {
        #[test]
        fn no_page_makes_the_reader_panic(page in "[<>/a-z&;#\"'= éforminputbutton]{0,80}") {
            let _ = forms(&page);
        }
    }
}
