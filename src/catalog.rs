//! The tables and views a session shows, each made when a statement first names it: planning a view
//! takes longer than most statements do.
//!
//! The texts of the views are in [`crate::library::views`]. Each is planned in a session of its own,
//! where it finds what it stands on and nothing else.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::catalog::{MemorySchemaProvider, SchemaProvider, TableProvider};
use datafusion::common::{Result, exec_err};
use datafusion::datasource::ViewTable;
use datafusion::prelude::{SessionConfig, SessionContext};

use crate::date_diff;
use crate::decode::columns::CellSource;
use crate::library::{Library, views};
use crate::schema::{Column, INTERNAL, TABLES, Table, arrow_schema};
use crate::table::beside::{Beside, BesideTable};
use crate::table::collection::Current;
use crate::table::controls::ControlsTable;
use crate::table::report_table::ReportTable;
use crate::table::reports::ReportsTable;
use crate::table::selection::Scope;

/// The schema `public` of a session.
#[derive(Debug)]
pub(crate) struct Catalog {
    current: Arc<Current>,
    library: Arc<Library>,
    /// Whose reports the tables of the latest ones show.
    shown: Scope,
    config: SessionConfig,
    /// What is made already, and tables of the user's own.
    made: MemorySchemaProvider,
}

impl Catalog {
    pub(crate) fn new(
        shown: Scope,
        current: Arc<Current>,
        library: Arc<Library>,
        config: SessionConfig,
    ) -> Self {
        Self { current, library, shown, config, made: MemorySchemaProvider::new() }
    }

    async fn make(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>> {
        Ok(match name {
            "credential_report" => Some(self.report_table(self.shown, CellSource::typed())),
            "credential_report_history" => {
                Some(self.report_table(Scope::History, CellSource::typed()))
            }
            "credential_report_raw" => Some(self.raw_table()),
            "credentials" => Some(Arc::new(self.credentials(self.shown).await?)),
            "credentials_history" => Some(Arc::new(self.credentials(Scope::History).await?)),
            "changes" => Some(Arc::new(self.changes().await?)),
            "controls" => Some(Arc::new(ControlsTable::new(Arc::clone(&self.library)))),
            "reports" => ReportsTable::new(Arc::clone(&self.current))
                .map(|table| Arc::new(table) as Arc<dyn TableProvider>),
            "access_key_ids" => Some(Arc::new(self.access_key_ids().await?)),
            "account_summary" => Some(self.beside(Beside::AccountSummary)),
            "password_policy" => Some(self.beside(Beside::PasswordPolicy)),
            "virtual_mfa_devices" => Some(self.beside(Beside::VirtualMfaDevices)),
            "user_tags" => Some(self.beside(Beside::UserTags)),
            "enrichment" => Some(self.beside(Beside::Enrichment)),
            _ => None,
        })
    }

    /// One of the tables with what was fetched beside the reports. What is known today was not
    /// known when the reports before the latest were made.
    fn beside(&self, of: Beside) -> Arc<dyn TableProvider> {
        let is_known = self.shown != Scope::Previous;
        Arc::new(BesideTable::new(of, Arc::clone(&self.current), is_known))
    }

    async fn access_key_ids(&self) -> Result<ViewTable> {
        let stands_on = [
            ("listed_access_keys", self.beside(Beside::AccessKeys)),
            ("credential_report", self.report_table(self.shown, CellSource::typed())),
        ];
        self.view(views::ACCESS_KEY_IDS, stands_on).await
    }

    /// One of the tables with a row per user.
    fn report_table(&self, scope: Scope, sources: Vec<CellSource>) -> Arc<dyn TableProvider> {
        let name = match scope {
            Scope::History => "credential_report_history",
            Scope::Latest | Scope::Previous => "credential_report",
        };
        self.provider(name, name, scope, sources)
    }

    fn raw_table(&self) -> Arc<dyn TableProvider> {
        let name = "credential_report_raw";
        self.provider(name, name, Scope::History, CellSource::raw())
    }

    /// A table with the columns that `of` has in the list, called `name` in `EXPLAIN`.
    fn provider(
        &self,
        of: &str,
        name: &'static str,
        scope: Scope,
        sources: Vec<CellSource>,
    ) -> Arc<dyn TableProvider> {
        let columns: Vec<&Column> =
            Table::named(of).into_iter().flat_map(Table::columns).chain(&INTERNAL).collect();
        let current = Arc::clone(&self.current);
        // The internal columns stand at the end, and are there if their sources are.
        let schema = arrow_schema(columns.into_iter().take(sources.len()));
        Arc::new(ReportTable { current, name, scope, schema, sources })
    }

    async fn credentials(&self, scope: Scope) -> Result<ViewTable> {
        let name = if scope == Scope::History { "credentials_history" } else { "credentials" };
        let states = self.provider("credential_report", name, scope, CellSource::internal());
        self.view(views::CREDENTIALS, [("report_states", states)]).await
    }

    async fn changes(&self) -> Result<ViewTable> {
        let credentials = self.credentials(Scope::History).await?;
        let reports = self.report_table(Scope::History, CellSource::typed());
        let stands_on: [(&str, Arc<dyn TableProvider>); 2] = [
            ("credentials_history", Arc::new(credentials)),
            ("credential_report_history", reports),
        ];
        self.view(views::CHANGES, stands_on).await
    }

    async fn view(
        &self,
        text: &str,
        stands_on: impl IntoIterator<Item = (&str, Arc<dyn TableProvider>)>,
    ) -> Result<ViewTable> {
        let context = SessionContext::new_with_config(self.config.clone());
        context.register_udf(date_diff::function());
        for (name, table) in stands_on {
            context.register_table(name, table)?;
        }
        let plan = context.state().create_logical_plan(text).await?;
        Ok(ViewTable::new(plan, Some(text.to_owned())))
    }
}

#[async_trait]
impl SchemaProvider for Catalog {
    fn table_names(&self) -> Vec<String> {
        let mut names: Vec<String> = TABLES.iter().map(|table| table.name.to_owned()).collect();
        let own = self.made.table_names();
        names.extend(own.into_iter().filter(|name| Table::named(name).is_none()));
        names
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>> {
        if let Some(table) = self.made.table(name).await? {
            return Ok(Some(table));
        }
        let table = self.make(name).await?;
        if let Some(table) = &table {
            // Made twice at the same time: both are the same.
            let _ = self.made.register_table(name.to_owned(), Arc::clone(table));
        }
        Ok(table)
    }

    fn register_table(
        &self,
        name: String,
        table: Arc<dyn TableProvider>,
    ) -> Result<Option<Arc<dyn TableProvider>>> {
        if Table::named(&name).is_some() {
            return exec_err!("The table {name} already exists");
        }
        self.made.register_table(name, table)
    }

    fn deregister_table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>> {
        if Table::named(name).is_some() {
            return exec_err!("The table {name} is built in");
        }
        self.made.deregister_table(name)
    }

    fn table_exist(&self, name: &str) -> bool {
        Table::named(name).is_some() || self.made.table_exist(name)
    }
}
