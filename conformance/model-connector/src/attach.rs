//! The verb `attach`: uploads a file to one record, once. It is found again by its name among the
//! files of the record.

use serde_json::Value;
use snowproof_protocol::Verb;
use tokio::io::AsyncWrite;

use crate::client::{Client, ListRequest, Rows, Upload};
use crate::diagnosis::{BAD_SETTING, Failure, quoted};
use crate::ending::{Ended, Halt};
use crate::once::{self, Deed, Found};
use crate::reading::read_page;
use crate::stop::Stop;
use crate::voice::Voice;
use crate::write::{SPECIAL, shown};

/// Largest file that is uploaded: what an instance takes as a body (wire-core 4.2).
const LARGEST_FILE: u64 = 10 << 20;

/// Uploads the file.
pub(crate) async fn run<W: AsyncWrite + Unpin>(
    client: &Client<'_>,
    state: Option<&Value>,
    voice: &Voice<'_, W>,
    stop: &Stop,
) -> Result<Ended, Halt> {
    let upload = prepared(client).await.map_err(Halt::Failed)?;
    let begun = once::begun(client, state).is_some();
    once::run(&upload, begun, client, voice, stop).await
}

impl Deed for Upload {
    const VERB: Verb = Verb::Attach;

    fn key(&self) -> &str {
        &self.file_name
    }

    fn what(&self) -> String {
        format!("the file `{}` of record `{}`", self.file_name, self.sys_id)
    }

    async fn attempt(&self, client: &Client<'_>) -> Result<(), Failure> {
        client.attach(self).await
    }

    async fn look_up<W: AsyncWrite + Unpin>(
        &self,
        client: &Client<'_>,
        voice: &Voice<'_, W>,
        stop: &Stop,
    ) -> Result<Found, Halt> {
        let request = ListRequest {
            query: Some(format!(
                "table_sys_id={}^file_name={}",
                self.sys_id, self.file_name
            )),
            limit: 1,
            offset: 0,
            of: Rows::Attachments,
        };
        let page = read_page(client, &request, Verb::Attach, voice, stop).await?;
        Ok(shown(&page, "file_name", &self.file_name))
    }
}

/// The file as it is sent.
async fn prepared(client: &Client<'_>) -> Result<Upload, Failure> {
    let settings = client.settings();
    let refused = |why: String| Failure::permanent(BAD_SETTING, why);
    let sys_id = settings
        .sys_id
        .clone()
        .ok_or_else(|| refused("no record to attach a file to is configured".to_owned()))?;
    let path = settings
        .attachment
        .as_ref()
        .ok_or_else(|| refused("no file to attach is configured".to_owned()))?;
    let shown = quoted(&path.to_string_lossy());
    let unreadable = |error: std::io::Error| refused(format!("file to attach {shown}: {error}"));
    let file_name = path
        .file_name()
        .and_then(|name| name.to_str())
        .filter(|name| !name.contains(SPECIAL))
        .ok_or_else(|| refused(format!("file to attach {shown} has no plain name")))?
        .to_owned();
    let size = tokio::fs::metadata(path).await.map_err(unreadable)?.len();
    if size > LARGEST_FILE {
        return Err(refused(format!(
            "file to attach {shown} is larger than {LARGEST_FILE} bytes"
        )));
    }
    Ok(Upload {
        sys_id,
        file_name,
        bytes: tokio::fs::read(path).await.map_err(unreadable)?,
    })
}
