//! Who is told the secrets of a run: a test that looks for them in what was written down. No verb of
//! the command line can be one.

use std::fmt;
use std::sync::Arc;

type Told = dyn Fn(&[(String, String)]) + Send + Sync;

/// Is told, once a scenario is over, every secret that it had, by name: those that were given and
/// those that were made.
#[derive(Clone)]
pub struct Observer(Arc<Told>);

impl Observer {
    /// Calls this.
    pub fn new(told: impl Fn(&[(String, String)]) + Send + Sync + 'static) -> Self {
        Self(Arc::new(told))
    }

    pub(super) fn tell(&self, secrets: &[(String, String)]) {
        (self.0)(secrets);
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}
