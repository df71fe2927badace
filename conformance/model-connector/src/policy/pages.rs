//! How it reads a table page by page, and what of a page it takes for good.

/// Which rows are asked for next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paging {
    /// Those after the last key seen; an offset only through stretches where nothing is visible.
    Keyset,
    /// Those at the next offset, in the order of their key.
    Offset,
    /// Those at the next offset, in whatever order the instance returns them.
    UnorderedOffset,
    /// Those one page further by its own page size, however many the instance returns.
    OwnPageSize,
    /// Those changed after the last row seen, in the order of their change.
    ByTime,
}

/// What counts as the end of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndOfData {
    /// The instance's count says that nothing is left.
    Proven,
    /// A page with fewer rows than were asked for.
    ShortPage,
}

/// What becomes of a page that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailedPage {
    /// It is read again, and the run fails when that does not help.
    Retry,
    /// The run goes on with the next one.
    Skip,
    /// The run begins again at the first one.
    StartOver,
}

/// How often a page's records are delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// Once.
    Once,
    /// The last page twice.
    LastPageTwice,
}

/// When a checkpoint is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checkpoints {
    /// After a page's records, pointing behind them.
    AfterPage,
    /// After a page's records, pointing before them.
    OnePageBehind,
}

/// Where a run with a checkpoint begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resume {
    /// Behind the last checkpoint.
    FromState,
    /// At the first row.
    FromStart,
}

/// What a 202 is to a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dropped {
    /// A request that was not processed: it is sent again.
    AskAgain,
    /// An answer without rows: the end of the table.
    TakeForTheEnd,
}

/// What an answer is that holds an error, status 200.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorInSuccess {
    /// A failure, whatever rows it holds as well.
    Refuse,
    /// The rows that it holds, and the end of the table.
    TakeForTheEnd,
}

/// What becomes of an answer that broke off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BrokenOff {
    /// It is thrown away and asked for again.
    ReadAgain,
    /// Its whole records are taken, for the last of the table.
    TakenForTheEnd,
}
