//! How records are changed and files uploaded.

/// When an upload carries credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UploadCredentials {
    /// From the first attempt on.
    AtOnce,
    /// Once the instance has answered one without with `WWW-Authenticate`.
    AfterChallenge,
    /// Once the instance has refused one without, whether or not it names a scheme.
    AfterRefusal,
}

/// What is done where the record to change is not there, or hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingRecord {
    /// The user is told.
    Tell,
    /// A new one is created in its place.
    CreateAnew,
}

/// What is done about a change that adds to a journal, where the answer is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JournalEntries {
    /// The record is looked at before another attempt.
    LookedUp,
    /// The change is made again, as one that sets fields alone.
    MadeAgain,
}
