//! Where records are: in one place, and one that the adapter has.

use super::{Checked, Exam};
use crate::subject::{Adapter, SINK_URL, template};

impl Exam<'_> {
    pub(super) fn records(&self) -> Checked {
        let Some(records) = &self.file.records else {
            return Ok(());
        };
        self.pointer(&records.key, &["records", "key"])?;
        match (&records.jsonl, records.sink) {
            (Some(_), false) => Ok(()),
            (None, true) => self.sink(),
            (Some(_), true) => Err(self
                .error(&["records", "sink"], "records are in one place, and two are named".into())
                .hint("write `jsonl` for a file or stdout, or `sink: true` for what is posted to {sink_url}")
                .into()),
            (None, false) => Err(self
                .error(&["records"], "it is not said where the records are".into())
                .hint(
                    "write `jsonl: \"{out_dir}/records.jsonl\"` for a file, `jsonl: \"-\"` for stdout, or `sink: \
                     true` for what a service posts to {sink_url}",
                )
                .into()),
        }
    }

    /// A sink is a service's, and the service has to be told where it is.
    fn sink(&self) -> Checked {
        if self.file.adapter != Adapter::Http {
            let adapter = self.file.adapter.name();
            let what = format!("the adapter `{adapter}` posts to no sink");
            let error = self.error(&["records", "sink"], what);
            let hint = "`sink` is for the adapter `http`; write `jsonl`, the file of JSON lines";
            return Err(error.hint(hint).into());
        }
        let asks = self
            .file
            .service
            .iter()
            .flat_map(|service| service.ask.values());
        let asked = asks.flat_map(|ask| {
            let body = ask.body.iter().flat_map(super::texts);
            std::iter::once(ask.path.as_str()).chain(body)
        });
        let started = self.file.run.values().flatten().map(String::as_str);
        if asked
            .chain(started)
            .any(|text| template::has(text, SINK_URL))
        {
            return Ok(());
        }
        let what = "the service is not told where the sink is".to_owned();
        let error = self.error(&["records", "sink"], what);
        let hint =
            "write `{sink_url}` in the body of `service.ask.sync`: it posts its records there";
        Err(error.hint(hint).into())
    }
}
