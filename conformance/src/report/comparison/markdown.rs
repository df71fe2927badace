//! Markdown, put together from words of others: nothing in them is taken for markup.

use std::fmt::Write as _;

/// Words of others are cut after so many characters.
const WORDS_AT_MOST: usize = 240;

/// A page as it grows.
#[derive(Debug, Default)]
pub(super) struct Page(String);

impl Page {
    /// A block of its own.
    pub(super) fn paragraph(&mut self, text: &str) {
        self.line(text);
        self.end();
    }

    /// A line of a list or a table.
    pub(super) fn line(&mut self, text: &str) {
        // Writing to a `String` cannot fail.
        let _ = writeln!(self.0, "{}", text.trim_end());
    }

    /// A row of a table.
    pub(super) fn row<'t>(&mut self, cells: impl IntoIterator<Item = &'t str>) {
        let cells: Vec<&str> = cells.into_iter().collect();
        self.line(&format!("| {} |", cells.join(" | ")));
    }

    /// The line under the head of a table.
    pub(super) fn rule(&mut self, columns: usize) {
        self.line(&format!("|{}", "---|".repeat(columns)));
    }

    /// The end of a block.
    pub(super) fn end(&mut self) {
        if !self.0.is_empty() && !self.0.ends_with("\n\n") {
            self.0.push('\n');
        }
    }

    /// The page, which ends with one line break.
    pub(super) fn text(self) -> String {
        format!("{}\n", self.0.trim_end())
    }
}

/// Words as code, in one line.
pub(super) fn code(words: &str) -> String {
    format!(
        "`{}`",
        one_line(words).replace('`', "'").replace('|', "\\|")
    )
}

/// Words as text, in one line.
pub(super) fn prose(words: &str) -> String {
    escaped(&one_line(words))
}

fn escaped(words: &str) -> String {
    let mut text = String::new();
    for c in words.chars() {
        if "\\*_[]<>|#".contains(c) {
            text.push('\\');
        }
        text.push(c);
    }
    text
}

/// What a check says, in which names stand between backticks already.
pub(super) fn said_of(ruling: &str) -> String {
    let mut text = String::new();
    for (at, part) in one_line(ruling).split('`').enumerate() {
        text.push_str(&match at % 2 {
            0 => escaped(part),
            _ => code(part),
        });
    }
    text
}

/// A command line as code; one with a line break in it is cut there.
pub(super) fn command(line: &str) -> String {
    code_uncut(line.lines().next().unwrap_or_default())
}

fn code_uncut(words: &str) -> String {
    format!("`{}`", words.replace('`', "'"))
}

fn one_line(words: &str) -> String {
    let words: Vec<&str> = words
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    let line = words.join(" ");
    match line.char_indices().nth(WORDS_AT_MOST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_others_stay_words() {
        assert_eq!(code("a `b`\n| c"), "`a 'b' \\| c`");
        assert_eq!(
            prose("<b>*x*</b> | # y"),
            "\\<b\\>\\*x\\*\\</b\\> \\| \\# y"
        );
        assert_eq!(said_of("the `a_b` of <c>"), "the `a_b` of \\<c\\>");
        let long = code(&"word ".repeat(200));
        assert!(long.ends_with("…`") && long.chars().count() < 250, "{long}");
    }
}
