//! The sins around what is read, and when it is read again.

use crate::policy::{FilterCheck, JournalEntries, References, Variation};

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
];
