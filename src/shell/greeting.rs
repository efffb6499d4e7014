//! The first lines: where one is, and how to go on.

use std::fmt::Write as _;

use super::Shell;
use crate::run::telling;

impl Shell {
    /// Says hello, with what names alone tell.
    pub(super) fn greet(&self) {
        if self.settings.quiet {
            return;
        }
        let version = env!("CARGO_PKG_VERSION");
        telling::aside(&format!(
            "credsql {version}: SQL over IAM credential reports. \\? for help, \\q to leave."
        ));
        telling::aside(&self.sources_in_words());
        telling::aside("Try SELECT * FROM credential_report LIMIT 5; or \\n for canned queries.");
    }

    fn sources_in_words(&self) -> String {
        const NAMED: usize = 3;
        if let Some(athena) = &self.engine.workspace.options.athena {
            let database = &athena.options().database;
            return format!(
                "Reports: those in database {database} on Athena. What a statement reads there is paid for."
            );
        }
        if self.sources.is_empty() {
            return "No reports yet: \\add demo: or \\add ./reports/ says where they are."
                .to_owned();
        }
        let named = self.sources.iter().take(NAMED).map(|source| source.to_string_lossy());
        let mut text = format!("Reports: {}", named.collect::<Vec<_>>().join(", "));
        if self.sources.len() > NAMED {
            // Strings can always be written to.
            let _ = write!(text, " and {} more", self.sources.len() - NAMED);
        }
        text.push_str(". None is read before it is asked for.");
        text
    }
}
