//! What is made of a read that an instance answers in a way of its own.

/// What is done where the instance finds a request too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TooLong {
    /// Its columns are read in parts.
    Split,
    /// The user is told.
    Tell,
    /// It is sent again as it was, this often.
    SendAgain(u32),
}

/// What the headers of a rate limit are on an answer with rows (wire-failures 5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitHeaders {
    /// Word of a rule that counts, and nothing else.
    Information,
    /// A refusal.
    Refusal,
}

/// What a 404 is to a read of a list (wire-core 1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmptyList {
    /// Where it speaks of records, a list without rows, as in version 1 of the API.
    InEitherForm,
    /// A failure, whatever it says.
    OnlyWith200,
}

/// How it is known that an instance applies a query (wire-core 3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilterCheck {
    /// Each of its columns is asked for what no record can have: a column that the table lacks is
    /// ignored, and the answer holds records.
    Proven,
    /// It is taken for granted.
    Trusted,
}

/// Which shapes of a reference are read (wire-core 1.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum References {
    /// With a link and without.
    EitherShape,
    /// Without one, which it asks for; whatever else comes is no record to it.
    PlainAlone,
}
