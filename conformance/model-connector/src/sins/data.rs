//! The sins around what is read, and when it is read again.

use std::time::Duration;

use crate::policy::{
    Cursor, Deletions, EmptyRun, FilterCheck, Incremental, JournalEntries, References, Variation,
};

/// Every one of them.
pub(super) const SINS: &[Variation] = &[
    Variation {
        name: "trusts-filters",
        about: "takes it for granted that the instance applies every condition of the user's query",
        edit: |policy| policy.filter_check = FilterCheck::Trusted,
    },
    Variation {
        name: "reads-plain-references-alone",
        about: "asks for references without links, and takes one with a link for a broken record",
        edit: |policy| policy.references = References::PlainAlone,
    },
    Variation {
        name: "names-no-form",
        about: "leaves it to the instance whether answers are JSON",
        edit: |policy| policy.names_form = false,
    },
    Variation {
        name: "repeats-journal-entries",
        about: "makes a change again whose answer was lost, also where it adds to a journal",
        edit: |policy| policy.journal_entries = JournalEntries::MadeAgain,
    },
    Variation {
        name: "cursor-behind-latest-record",
        about: "asks for what changed later than the latest record it read, that second excluded",
        edit: |policy| {
            policy.incremental = Incremental {
                cursor: Cursor::LatestRecord,
                overlap: Duration::ZERO,
                ..Incremental::default()
            };
        },
    },
    Variation {
        name: "cursor-by-own-clock",
        about: "asks for what changed since its last run ended by the clock of its own machine",
        edit: |policy| policy.incremental.cursor = Cursor::OwnTime,
    },
    Variation {
        name: "cursor-without-overlap",
        about: "asks for nothing that bears a time before its last run began",
        edit: |policy| policy.incremental.overlap = Duration::ZERO,
    },
    Variation {
        name: "cursor-in-local-time",
        about: "writes the time of its cursor as the clocks nine hours east of UTC have it",
        edit: |policy| policy.incremental.ahead_of_utc = Duration::from_secs(9 * 3600),
    },
    Variation {
        name: "forgets-cursor-of-empty-run",
        about: "writes its cursor as nothing where a run finds nothing, and begins at the first record",
        edit: |policy| {
            policy.incremental = Incremental {
                cursor: Cursor::LatestRecord,
                overlap: Duration::ZERO,
                empty_run: EmptyRun::ForgetsCursor,
                ..Incremental::default()
            };
        },
    },
    Variation {
        name: "ignores-deletions",
        about: "claims to tell what is gone, and never looks",
        edit: |policy| policy.incremental.deletions = Deletions::Ignored,
    },
];
