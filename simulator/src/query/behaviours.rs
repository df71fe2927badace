//! What is known of the truth of encoded queries.

use crate::fidelity::Behaviour;
use crate::fidelity::Standing::{self, Assumed, Documented, Observed};

const OPERATORS: &str = "page \"Operators available for filters and queries\"";
const STRINGS: &str = "page \"Encoded query strings\"";
const DATES: &str = "page \"Evaluate equality between date values\"";
const SYSTEM: &str = "page \"Scoped GlideSystem\"";

const fn line(standing: Standing, what: &'static str, source: &'static str) -> Behaviour {
    Behaviour {
        what,
        standing,
        source,
    }
}

/// See [`Behaviour`].
pub(crate) const BEHAVIOURS: &[Behaviour] = &[
    line(
        Observed,
        "`^OR` binds tighter than `^`; `^NQ` separates whole queries",
        "wire-core 3.1, SPIKE",
    ),
    line(
        Observed,
        "`ORDERBY` is read anywhere, also first, and as often as it is sent; a trailing `^` and `^EQ` are ignored",
        "wire-core 3.1, elastic, PySNC",
    ),
    line(Assumed, "`GROUPBY` does nothing to a list", "wire-core 3.1"),
    line(
        Assumed,
        "Text compares without regard to case, references and ids by what is stored",
        "wire-core 3.1, against the page \"Table API\", which says values are case-sensitive",
    ),
    line(
        Assumed,
        "References order by their display value, empty values come first",
        "no source",
    ),
    line(
        Documented,
        "An invalid part is ignored, so that an unknown column widens a list to all rows",
        "wire-core 3.3, page \"Table API\"",
    ),
    line(
        Documented,
        "With `glide.invalid_query.returns_no_rows` an invalid part empties the list",
        "wire-core 3.3, page \"Table API\"",
    ),
    line(
        Observed,
        "An invalid part is refused with 403 (switch `invalid_query: refused`)",
        "wire-core 3.3",
    ),
    line(
        Assumed,
        "All three hold for orderings and inside `JOIN` and `RLQUERY` as for conditions",
        "wire-core 2.1 names orderings",
    ),
    line(
        Documented,
        "`!=` holds where a value is empty, and so do `NOT IN` and `NOT LIKE`",
        OPERATORS,
    ),
    line(
        Assumed,
        "`<`, `>`, `<=`, `>=` and `BETWEEN` hold for no empty value, and `NOTON` for every one",
        "no source",
    ),
    line(
        Assumed,
        "A date compared by order with what is no date, or a number with what is no number, is not found",
        "no source",
    ),
    line(
        Assumed,
        "A date without a time of day means midnight in UTC",
        "no source",
    ),
    line(
        Documented,
        "`LIKE`, `STARTSWITH` and `ENDSWITH` on a reference match its display value",
        OPERATORS,
    ),
    line(
        Observed,
        "`ISEMPTY` and `ISNOTEMPTY` are also read as `EMPTY` and `NOTEMPTY`",
        OPERATORS,
    ),
    line(
        Assumed,
        "`EMPTYSTRING` is `ISEMPTY`: no value is ever NULL",
        OPERATORS,
    ),
    line(
        Documented,
        "`BETWEEN` and `ON` include both ends",
        OPERATORS,
    ),
    line(
        Assumed,
        "`INSTANCEOF` finds a table and all that extend it",
        "wire-core 3.2",
    ),
    line(
        Documented,
        "`SAMEAS` and `NSAMEAS` with `@hour`, `@day`, `@week`, `@month`, `@quarter` or `@year` compare that part of two dates: the hour of any day, the day of any month",
        DATES,
    ),
    line(
        Assumed,
        "Two dates of which one is empty are neither the same nor different in a part",
        "no source",
    ),
    line(Documented, "A week is Sunday through Saturday", DATES),
    line(
        Assumed,
        "So it is in `gs.beginningOfThisWeek()` and its kind; week 1 begins with the year's first Sunday",
        "no source",
    ),
    line(
        Documented,
        "`DATEPART` by weekday counts from Sunday",
        OPERATORS,
    ),
    line(
        Observed,
        "`DATEPART` knows `dayofweek`, `month`, `quarter`, `year`, `week` (0 to 53) and `hour` (0 to 23)",
        "public query builders",
    ),
    line(
        Documented,
        "`RELATIVEGT` and `RELATIVELT` compare with the moment that many units ago or ahead",
        OPERATORS,
    ),
    line(
        Assumed,
        "`RELATIVEEE` is the whole unit of that moment; `RELATIVEGE` and `RELATIVELE` include it",
        "wire-core 3.2, aiosnow",
    ),
    line(
        Assumed,
        "`MORETHAN` and `LESSTHAN` count units of the calendar from the other date, to the second",
        OPERATORS,
    ),
    line(
        Observed,
        "`MORETHAN` and `LESSTHAN` also read `before or after`",
        "public query builders",
    ),
    line(
        Documented,
        "The functions of `gs` that make dates count days from the caller's midnight and tell them in UTC",
        SYSTEM,
    ),
    line(
        Assumed,
        "So do `DATEPART`, `SAMEAS` with a part, `RELATIVE…` and `MORETHAN`",
        "no source",
    ),
    line(
        Observed,
        "`gs.nowDateTime()` is in the caller's time zone, unlike what it is compared with",
        "public blogs",
    ),
    line(
        Assumed,
        "`gs.beginningOfLast7Days()` is the midnight 7 days ago, and `gs.endOfLast7Days()` the end of today",
        "no source",
    ),
    line(
        Observed,
        "`javascript:` in `LIKE`, `IN` and `BETWEEN` is evaluated as in `=`",
        "wire-core 3.1",
    ),
    line(
        Assumed,
        "`gs.dateGenerate('2026-01-01 00:00:00')` is the same as with the date and the time apart",
        "public clients write it: pysnow 0.7.17, sn-restapi-wrapper 1.1.4",
    ),
    line(
        Documented,
        "`DYNAMIC54635e965f510100a9ad2572f2b4774c` is the caller",
        OPERATORS,
    ),
    line(
        Observed,
        "`DYNAMIC90d1921e5f510100a9ad2572f2b477fe` is the caller, `DYNAMICd6435e965f510100a9ad2572f2b47744` the caller's groups",
        "public list links",
    ),
    line(
        Documented,
        "`IN_HIERARCHY` of the manager hierarchy finds the user and all who report up to the user; other hierarchies are not modelled",
        OPERATORS,
    ),
    line(
        Documented,
        "`RLQUERY` counts records of another table that refer to the record; a condition follows a comma",
        STRINGS,
    ),
    line(
        Observed,
        "A condition of `RLQUERY` follows `^`, and `m2m` the count",
        "PySNC, live tests",
    ),
    line(
        Observed,
        "`^OR` and `^NQ` before `RLQUERY` are `^`, its end mark may be missing, and a query has one",
        "public blogs",
    ),
    line(
        Assumed,
        "`RLQUERY` holds for every alternative of the query, and a count below some number includes none at all",
        "no source",
    ),
    line(
        Assumed,
        "`RLQUERY` walks on from the other table with or without `m2m`",
        "PySNC",
    ),
    line(
        Observed,
        "`JOIN` needs its `!`; it always joins, and only its condition takes part in `^OR` and `^NQ`",
        "PySNC, live tests; public blogs",
    ),
    line(
        Observed,
        "`^^` separates conditions of a `JOIN`; the next single `^` ends it",
        "public blogs",
    ),
    line(Assumed, "Nothing is joined on an empty value", "no source"),
    line(
        Assumed,
        "What other tables hold counts for a caller that may not read them",
        "no source",
    ),
    line(Documented, "`123TEXTQUERY321` searches for words", STRINGS),
    line(
        Assumed,
        "All its words must be in the record's text fields, whole; nothing is ranked",
        "no source",
    ),
    line(
        Observed,
        "`GOTO` before a condition or a search is tolerated",
        "wire-core 3.1, public list links",
    ),
    line(
        Observed,
        "A step `ref_TABLE` of a walk goes on in a table that extends the one referred to",
        "public code",
    ),
    line(
        Assumed,
        "It is empty for records of any other table",
        "no source",
    ),
    line(
        Assumed,
        "What is not modelled is left out and the answer not judged: tags, catalog variables, `SUBQUERY`, `VALCHANGES` and its kind, text index groups, other scripts",
        "no source",
    ),
    line(
        Assumed,
        "A query is read to 64 KiB and 3000 conditions; no answer is judged where there is more",
        "no source",
    ),
    line(
        Assumed,
        "A walk to a table that the caller may not read, or `JOIN` and `RLQUERY` with one, is invalid like a column that does not exist; of a table whose rows are open in part, only those are walked to",
        "wire-core 2.1 and 3.3 show it of columns",
    ),
    line(
        Assumed,
        "Orderings and `LIKE` on a reference go by its record's display value, whether or not the caller may read that record",
        "no source",
    ),
];
