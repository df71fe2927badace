//! Which legal word was meant.

/// The candidate nearest to `word`, if any is near enough to be a slip of the keyboard.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // A jaro-winkler similarity of 0.75 keeps transposed, missing and doubled letters of words
    // as short as six letters, and drops words that share nothing but their first letter.
    const ALIKE: f64 = 0.75;
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(similarity, _)| *similarity >= ALIKE)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_found_and_strangers_are_not() {
        let legal = ["title", "variants", "instance"];
        assert_eq!(nearest("tilte", legal), Some("title"));
        assert_eq!(nearest("varaints", legal), Some("variants"));
        assert_eq!(nearest("qqqq", legal), None);
        assert_eq!(nearest("", legal), None);
    }
}
