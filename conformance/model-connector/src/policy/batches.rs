//! What it does with batches: several records that are created by one request.

/// How records are created by the Batch API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Batches {
    /// What tells whether a record was created.
    pub judged_by: JudgedBy,
    /// What becomes of requests that the instance had no time for.
    pub unserviced: Unserviced,
    /// The next batch after one was refused for a limit.
    pub after_refusal: AfterRefusal,
    /// Records in one batch at most.
    pub most: usize,
}

impl Default for Batches {
    fn default() -> Self {
        Self {
            judged_by: JudgedBy::EachStatus,
            unserviced: Unserviced::SentAgain,
            after_refusal: AfterRefusal::HalfAsLarge,
            most: 50,
        }
    }
}

/// What tells whether a record of a batch was created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JudgedBy {
    /// The answer to its own request.
    EachStatus,
    /// The answer to the batch.
    TheBatch,
}

/// What becomes of requests that the instance had no time for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unserviced {
    /// They are sent again, and they alone.
    SentAgain,
    /// All of the batch is sent again.
    SentAgainWithAll,
    /// They are forgotten.
    Forgotten,
    /// The run ends and tells which part is done.
    Told,
}

/// The next batch after one was refused for a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterRefusal {
    /// It holds half as many records.
    HalfAsLarge,
    /// It holds one record, and so does each that follows.
    OneByOne,
    /// It is the same.
    TheSame,
}
