//! The verb `email`: sends one message through the Email API, once. Who sends may not list what was
//! sent, so that a lost answer leaves nothing but to say so.

use serde_json::{Map, Value};
use snowproof_protocol::Verb;
use tokio::io::AsyncWrite;

use crate::client::Client;
use crate::diagnosis::{BAD_SETTING, Failure};
use crate::ending::{Ended, Halt};
use crate::once::{self, Deed, Found};
use crate::stop::Stop;
use crate::voice::Voice;

/// Sends the message.
pub(crate) async fn run<W: AsyncWrite + Unpin>(
    client: &Client<'_>,
    state: Option<&Value>,
    voice: &Voice<'_, W>,
    stop: &Stop,
) -> Result<Ended, Halt> {
    let Some(fields) = client.settings().message.as_ref() else {
        let why = "no message to send is configured";
        return Err(Halt::Failed(Failure::permanent(BAD_SETTING, why)));
    };
    let subject = fields.get("subject").and_then(Value::as_str);
    let message = Message {
        fields,
        subject: subject.unwrap_or_default(),
    };
    let begun = once::begun(client, state).is_some();
    once::run(&message, begun, client, voice, stop).await
}

struct Message<'a> {
    fields: &'a Map<String, Value>,
    subject: &'a str,
}

impl Deed for Message<'_> {
    const VERB: Verb = Verb::Email;

    fn key(&self) -> &str {
        self.subject
    }

    fn what(&self) -> String {
        format!("the message `{}`", self.subject)
    }

    async fn attempt(&self, client: &Client<'_>) -> Result<(), Failure> {
        client.email(self.fields).await
    }

    async fn look_up<W: AsyncWrite + Unpin>(
        &self,
        _: &Client<'_>,
        _: &Voice<'_, W>,
        _: &Stop,
    ) -> Result<Found, Halt> {
        let why =
            "a message cannot be looked up without its id, and a second one would be read too";
        Ok(Found::Unknown(why.to_owned()))
    }
}
