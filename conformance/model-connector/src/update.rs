//! The verb `update`: changes the given fields of one record. To change them twice comes to the same,
//! so that a lost answer is no reason to look.

use serde_json::{Map, Value};
use snowproof_protocol::Verb;
use tokio::io::AsyncWrite;

use crate::client::Client;
use crate::diagnosis::{BAD_SETTING, Failure, RECORD_CLOSED};
use crate::ending::{Ended, Halt};
use crate::once::{self, Deed, Found};
use crate::policy::MissingRecord;
use crate::stop::Stop;
use crate::voice::Voice;

/// Changes the record.
pub(crate) async fn run<W: AsyncWrite + Unpin>(
    client: &Client<'_>,
    voice: &Voice<'_, W>,
    stop: &Stop,
) -> Result<Ended, Halt> {
    let refused = |why: &str| Halt::Failed(Failure::permanent(BAD_SETTING, why));
    let settings = client.settings();
    let change = Change {
        sys_id: settings
            .sys_id
            .as_deref()
            .ok_or_else(|| refused("no record to change is configured"))?,
        fields: settings
            .record
            .as_ref()
            .ok_or_else(|| refused("nothing to change is configured"))?,
    };
    once::run(&change, false, client, voice, stop).await
}

struct Change<'a> {
    sys_id: &'a str,
    fields: &'a Map<String, Value>,
}

impl Deed for Change<'_> {
    const VERB: Verb = Verb::Update;
    const SAFE_TO_REPEAT: bool = true;

    fn key(&self) -> &str {
        self.sys_id
    }

    fn what(&self) -> String {
        format!("the change of record `{}`", self.sys_id)
    }

    async fn attempt(&self, client: &Client<'_>) -> Result<(), Failure> {
        let changed = client.update(self.sys_id, self.fields).await;
        let creates = client.policy().missing_record == MissingRecord::CreateAnew;
        match changed {
            Err(failure) if creates && failure.cause == RECORD_CLOSED => {
                client.create(self.fields).await
            }
            changed => changed,
        }
    }

    async fn look_up<W: AsyncWrite + Unpin>(
        &self,
        _: &Client<'_>,
        _: &Voice<'_, W>,
        _: &Stop,
    ) -> Result<Found, Halt> {
        Ok(Found::Unknown(
            "a change is made again in place of a look-up".to_owned(),
        ))
    }
}
