//! The sins around several records that are created by one request.

use crate::policy::{AfterRefusal, JudgedBy, Unserviced, Variation};

/// Every one of them.
pub(super) const SINS: &[Variation] = &[
    Variation {
        name: "trusts-batch-status",
        about: "takes the 200 of a batch for the answer to each of its requests",
        edit: |policy| policy.batches.judged_by = JudgedBy::TheBatch,
    },
    Variation {
        name: "forgets-unserviced",
        about: "reads the answers of a batch and not the list of requests that were not run",
        edit: |policy| policy.batches.unserviced = Unserviced::Forgotten,
    },
    Variation {
        name: "replays-whole-batch",
        about: "sends all of a batch again where some of its requests were not run",
        edit: |policy| policy.batches.unserviced = Unserviced::SentAgainWithAll,
    },
    Variation {
        name: "keeps-batch-size",
        about: "sends the same batch again that was refused for a limit, however large it is",
        edit: |policy| policy.batches.after_refusal = AfterRefusal::TheSame,
    },
];
