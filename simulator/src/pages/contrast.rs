//! The colours of the style sheet can be told apart, in light and in dark (WCAG 2.2, 1.4.3 and 1.4.11).

use std::collections::HashMap;

use super::STYLE;

/// Text on its ground.
const TEXTS: [(&str, &str); 9] = [
    ("ink", "card"),
    ("ink", "ground"),
    ("soft", "card"),
    ("soft", "ground"),
    ("accent", "card"),
    ("accent-ink", "accent"),
    ("accent-ink", "accent-deep"),
    ("ink", "bad-ground"),
    ("bad", "bad-ground"),
];

/// What shows where a field is.
const BORDERS: [(&str, &str); 3] = [("edge", "card"), ("accent", "card"), ("bad", "card")];

/// The colours of each scheme by name.
fn schemes() -> Vec<HashMap<&'static str, f64>> {
    let blocks = STYLE.split(":root {").skip(1);
    blocks
        .map(|block| {
            let (block, _) = block.split_once('}').unwrap();
            let lines = block.lines().filter_map(|line| {
                let (name, value) = line.trim().strip_prefix("--")?.split_once(": #")?;
                Some((name, luminance(value.trim_end_matches(';'))))
            });
            lines.collect()
        })
        .collect()
}

/// Relative luminance of a colour of six digits.
fn luminance(digits: &str) -> f64 {
    let part = |at: usize| {
        let part = u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 {
            part / 12.92
        } else {
            ((part + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * part(0) + 0.7152 * part(2) + 0.0722 * part(4)
}

#[test]
fn what_is_written_and_where_one_writes_is_seen() {
    let schemes = schemes();
    assert_eq!(schemes.len(), 2, "light and dark");
    for colours in schemes {
        let pairs = TEXTS.map(|pair| (pair, 4.5)).into_iter();
        for ((front, ground), least) in pairs.chain(BORDERS.map(|pair| (pair, 3.0))) {
            let (one, other) = (colours[front], colours[ground]);
            let contrast = (one.max(other) + 0.05) / (one.min(other) + 0.05);
            assert!(contrast >= least, "{front} on {ground}: {contrast:.2}");
        }
    }
}
