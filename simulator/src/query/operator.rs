//! The operators of encoded queries (wire-core 3.2).

use std::fmt;

macro_rules! operators {
    ($($(#[$doc:meta])* $name:ident $spelling:literal $(or $alias:literal)*,)*) => {
        /// An operator that is modelled.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Operator {
            $($(#[$doc])* $name,)*
        }

        impl Operator {
            /// Every operator.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// As it is printed.
            #[must_use]
            pub const fn spelling(self) -> &'static str {
                match self {
                    $(Self::$name => $spelling,)*
                }
            }
        }

        /// Every spelling of every operator.
        pub(super) const SPELLINGS: &[(&str, Operator)] = &[
            $(($spelling, Operator::$name), $(($alias, Operator::$name),)*)*
        ];
    };
}

operators! {
    /// Equal, without regard to case.
    Is "=",
    /// Not equal; an empty value is not equal to any.
    IsNot "!=",
    /// Less; an empty value is not.
    Less "<",
    /// Greater; an empty value is not.
    Greater ">",
    /// Less or equal.
    AtMost "<=",
    /// Greater or equal.
    AtLeast ">=",
    /// One of a comma-separated list.
    In "IN",
    /// None of a comma-separated list.
    NotIn "NOT IN",
    /// Contains; of a reference, its display value does.
    Like "LIKE" or "CONTAINS" or "*",
    /// Does not contain.
    NotLike "NOT LIKE" or "DOES NOT CONTAIN" or "!*",
    /// Begins with.
    StartsWith "STARTSWITH",
    /// Ends with.
    EndsWith "ENDSWITH" or "%",
    /// Is empty.
    IsEmpty "ISEMPTY" or "EMPTY",
    /// Is not empty.
    IsNotEmpty "ISNOTEMPTY" or "NOTEMPTY",
    /// Is the empty string.
    EmptyString "EMPTYSTRING",
    /// Always holds.
    Anything "ANYTHING",
    /// `from@to`, both included.
    Between "BETWEEN",
    /// `label@from@to`, both included.
    On "ON",
    /// Not `label@from@to`.
    NotOn "NOTON",
    /// Of `sys_class_name`: that table or one that extends it.
    InstanceOf "INSTANCEOF",
    /// Equal to another field; with `@unit`, of two dates: that part of both is.
    SameAs "SAMEAS",
    /// Not equal to another field; with `@unit`, of two dates: that part of both is not.
    NotSameAs "NSAMEAS",
    /// Greater than another field.
    GreaterField "GT_FIELD",
    /// Less than another field.
    LessField "LT_FIELD",
    /// At least another field.
    AtLeastField "GT_OR_EQUALS_FIELD",
    /// At most another field.
    AtMostField "LT_OR_EQUALS_FIELD",
    /// After `@unit@ago|ahead@n` from now.
    RelativeAfter "RELATIVEGT",
    /// Before it.
    RelativeBefore "RELATIVELT",
    /// After it, or in the same unit.
    RelativeFrom "RELATIVEGE",
    /// Before it, or in the same unit.
    RelativeUntil "RELATIVELE",
    /// In the same unit.
    RelativeOn "RELATIVEEE",
    /// `other@unit@before|after@n`: further than that from another date.
    MoreThan "MORETHAN",
    /// `other@unit@before|after@n`: nearer than that to another date.
    LessThan "LESSTHAN",
    /// `label@javascript:gs.datePart(…)`: a part of a date, such as its weekday.
    DatePart "DATEPART",
    /// A dynamic filter, by its id: the caller, or one of the caller's groups.
    Dynamic "DYNAMIC",
    /// `hierarchy@record`: the record, or one below it.
    InHierarchy "IN_HIERARCHY",
    /// `hierarchy@filter`: as above, of a dynamic filter.
    InHierarchyDynamic "IN_HIERARCHY_DYNAMIC",
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.spelling())
    }
}

/// Operators that a real instance has and that are not modelled.
pub(super) const UNMODELLED: &[&str] = &[
    "VALCHANGES",
    "CHANGESFROM",
    "CHANGESTO",
    "DOESNOTHAVE",
    "EXCLUDING",
    "MATCH_PAT",
    "MATCH_RGX",
];

/// What stands between a field and its value.
pub(super) enum Found {
    Modelled(Operator),
    Unmodelled,
}

/// The longest operator that `text` begins with, and what follows it.
pub(super) fn longest(text: &str) -> Option<(Found, &str)> {
    let modelled = SPELLINGS
        .iter()
        .filter(|(spelling, _)| text.starts_with(spelling))
        .max_by_key(|(spelling, _)| spelling.len());
    let unmodelled = UNMODELLED
        .iter()
        .filter(|spelling| text.starts_with(**spelling))
        .max_by_key(|spelling| spelling.len());
    let found = match (modelled, unmodelled) {
        (Some((spelling, operator)), other)
            if other.is_none_or(|other| other.len() <= spelling.len()) =>
        {
            (Found::Modelled(*operator), *spelling)
        }
        (_, Some(spelling)) => (Found::Unmodelled, *spelling),
        (_, None) => return None,
    };
    let rest = text.get(found.1.len()..)?;
    Some((found.0, rest))
}
