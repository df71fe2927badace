//! Every form of a secret is found, whole or cut, and what is no secret stays.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use proptest::prelude::*;

use super::*;

fn redactor() -> Redactor {
    Redactor::new([
        ("password", "s3cret/\"pass word\"+é"),
        ("token", "0123456789abcdef"),
    ])
}

#[test]
fn replaces_every_form() {
    let secret = "s3cret/\"pass word\"+é";
    let json = serde_json::to_string(secret).unwrap();
    let percent = "s3cret%2F%22pass%20word%22%2B%C3%A9";
    for (text, form) in [
        (secret.to_owned(), Form::Raw),
        (STANDARD.encode(secret), Form::Base64),
        (percent.to_owned(), Form::UrlEncoded),
        (percent.to_lowercase(), Form::UrlEncoded),
        (percent.replace("%20", "+"), Form::UrlEncoded),
        (
            json.trim_matches('"').replace("\\\"\"", ""),
            Form::JsonEscaped,
        ),
    ] {
        let clean = redactor().redact(&text).into_owned();
        assert!(clean.contains("<secret:password>"), "{form:?}: {clean}");
        let hits = redactor().find(&text);
        assert!(hits.contains_key(&("password".into(), form)), "{hits:?}");
    }
}

#[test]
fn the_basic_pair_is_found_whatever_the_user_name_is() {
    for user in ["a", "ab", "abc", "sync.user", ""] {
        let pair = STANDARD.encode(format!("{user}:s3cret/\"pass word\"+é"));
        let text = format!("Authorization: Basic {pair}");
        assert_eq!(
            redactor()
                .find(&text)
                .get(&("password".into(), Form::Base64)),
            Some(&1),
            "{user}"
        );
    }
}

/// Whatever a form or an encoder may make of these.
#[test]
fn no_encoding_hides_a_secret() {
    let secret = "q8-Zx_7/Lm+4 \"&<é>'Rt0.~w";
    let redactor = Redactor::new([("it", secret)]);
    let each = |write: &dyn Fn(u8) -> String| secret.bytes().map(write).collect::<String>();
    let percent = each(&|byte| format!("%{byte:02x}"));
    let numbers = |write: &dyn Fn(u32) -> String| {
        let units = secret.chars().map(|one| write(u32::from(one)));
        units.collect::<String>()
    };
    let json = serde_json::to_string(secret).unwrap();
    let wrapped = |width: usize, end: &str| {
        let digits = STANDARD.encode(format!("user and some more:{secret} and the rest"));
        let lines = digits.as_bytes().chunks(width);
        let lines = lines.map(|line| String::from_utf8_lossy(line).into_owned());
        lines.collect::<Vec<_>>().join(end)
    };
    for (form, text) in [
        (Form::UrlEncoded, percent.to_uppercase()),
        (Form::UrlEncoded, percent.replace('%', "%25")),
        (
            Form::UrlEncoded,
            secret.replace('-', "%2D").replace('_', "%5f"),
        ),
        (Form::UrlEncoded, secret.replace(' ', "+")),
        (Form::JsonEscaped, json[1..json.len() - 1].to_owned()),
        (
            Form::JsonEscaped,
            json.replace('\\', "\\\\").replace('/', "\\\\/"),
        ),
        (Form::JsonEscaped, numbers(&|one| format!("\\u{one:04X}"))),
        (Form::HtmlEscaped, numbers(&|one| format!("&#{one};"))),
        (Form::HtmlEscaped, numbers(&|one| format!("&#x{one:X};"))),
        (
            Form::HtmlEscaped,
            secret
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('"', "&quot;"),
        ),
        (Form::Hex, crate::store::hex(secret.as_bytes())),
        (
            Form::Hex,
            crate::store::hex(secret.as_bytes()).to_uppercase(),
        ),
        (Form::Base64, STANDARD.encode(secret)),
        (Form::Base64, URL_SAFE_NO_PAD.encode(secret)),
        (
            Form::Base64,
            STANDARD
                .encode(secret)
                .replace('/', "%2F")
                .replace('+', "%2b"),
        ),
        (Form::Base64, STANDARD.encode(secret).replace('/', "\\/")),
        (Form::Base64, wrapped(76, "\n")),
        (Form::Base64, wrapped(5, "\r\n    ")),
        (Form::Base64, wrapped(13, "\\n")),
        (Form::Base64, wrapped(2, "%0A")),
    ] {
        let hits = redactor.find(&format!("before {text} behind"));
        assert_eq!(hits, [(("it".to_owned(), form), 1)].into(), "{text}");
        assert!(redactor.redact(&text).contains("<secret:it>"), "{text}");
    }
}

#[test]
fn a_key_is_found_without_its_lines() {
    let body = STANDARD.encode([7_u8, 200, 31].repeat(40));
    let key = format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n{}\n-----END PRIVATE KEY-----\n",
        &body[..64],
        &body[64..]
    );
    let redactor = Redactor::new([("key", &key)]);
    let json = serde_json::to_string(&key).unwrap();
    for text in [key.clone(), body, key.replace('\n', "\r\n"), json] {
        assert!(redactor.redact(&text).contains("<secret:key>"), "{text}");
    }
}

#[test]
fn what_is_learned_is_replaced_from_then_on_and_forgotten_after_many() {
    let redactor = redactor();
    let mut stream = redactor.stream();
    assert!(stream.push(b"minted-during-the-run ").is_empty());
    redactor.learn(&[("token 1".to_owned(), "minted-during-the-run".to_owned())]);
    let mut shown = stream.push(b"minted-during-the-run");
    shown.extend(stream.finish());
    assert_eq!(shown, b"<secret:token 1> <secret:token 1>");
    let value = |number: u32| format!("{:08x}-minted", number.wrapping_mul(2_654_435_761));
    for number in 2..20_000 {
        redactor.learn(&[(format!("token {number}"), value(number))]);
    }
    let text = format!("{} minted-during-the-run 0123456789abcdef", value(19_999));
    let shown = redactor.redact(&text);
    let expected = "<secret:token 19999> minted-during-the-run <secret:token>";
    assert_eq!(shown, expected);
    assert!(!format!("{redactor:?}").contains("19999"));
}

#[test]
fn a_text_without_secrets_is_borrowed() {
    let text = "nothing to see, sécret";
    assert!(matches!(redactor().redact(text), Cow::Borrowed(same) if same == text));
}

#[test]
fn debug_output_names_secrets_and_hides_values() {
    let shown = format!("{:?} {:?}", redactor(), redactor().stream());
    assert!(shown.contains("password"), "{shown}");
    assert!(!shown.contains("0123456789abcdef"), "{shown}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn seams_change_nothing(
        parts in proptest::collection::vec(
            prop_oneof![
                "[a-z0-9 ]{0,12}",
                Just("0123456789abcdef".to_owned()),
                Just("0123456789".to_owned()),
                Just(STANDARD.encode("u:0123456789abcdef")),
            ],
            0..8,
        ),
        seams in proptest::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let redactor = redactor();
        let text = parts.concat();
        let mut cuts: Vec<usize> = seams.iter().map(|s| s.index(text.len() + 1)).collect();
        cuts.extend([0, text.len()]);
        cuts.sort_unstable();
        let mut stream = redactor.stream();
        let mut clean = Vec::new();
        for pair in cuts.windows(2) {
            clean.extend(stream.push(&text.as_bytes()[pair[0]..pair[1]]));
        }
        clean.extend(stream.finish());
        let clean = String::from_utf8(clean).unwrap();
        prop_assert_eq!(&clean, &redactor.redact(&text).into_owned());
        prop_assert!(!clean.contains("0123456789abcdef"));
    }
}
