//! `db advise`: how a query is answered, and which index it wants.

use std::{process::ExitCode, sync::Arc, time::Instant};

use alyx_project::{Flags, Project};
use alyx_query::{Everything, Query};
use alyx_schema::{Collection, Order};
use alyx_store::{Advice, AdvisedIndex};
use anyhow::{Context, bail};
use serde_json::{Value, json};

use crate::{
    database::existing,
    output::{Session, counted},
};

/// Say which index a query wants
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The query is that of `GET /api/collections/{collection}`, read by an administrator. Works while a server runs.
For example: alyx-cli db advise --collection posts --filter published:eq:true --sort=-view_count")]
pub(crate) struct Advise {
    /// The collection
    #[arg(short, long)]
    collection: String,

    /// A condition such as `published:eq:true`; may be given more than once
    #[arg(short, long, value_name = "FIELD:OP:VALUE")]
    filter: Vec<String>,

    /// A condition as JSON, such as `{"views":{"$gt":10}}`
    #[arg(long = "where", value_name = "JSON")]
    condition: Option<String>,

    /// The order, such as `-created_at,title`
    #[arg(short, long, value_name = "FIELDS", allow_hyphen_values = true)]
    sort: Option<String>,

    /// Documents on a page
    #[arg(short, long)]
    limit: Option<u32>,
}

impl Advise {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        let project = Project::load(&session.project, &Flags::default())?;
        existing(&project)?;
        let query = self.query(&project)?;
        let store = project.open_shared(&mut |_| {}).await?.into_store(&project).await?;
        let advice = store.advise(&query).await?;
        let start = Instant::now();
        let listed = store.list(&query, &Everything).await;
        let took = start.elapsed().as_secs_f64() * 1000.0;
        store.close().await;
        listed?;
        session.answer(&as_json(&advice, took, &query.collection), &report(session, &advice, took, &query.collection));
        Ok(ExitCode::SUCCESS)
    }

    /// The query as a client would have sent it.
    fn query(&self, project: &Project) -> anyhow::Result<Query> {
        let collection = find(project, &self.collection)?;
        let mut pairs: Vec<_> = self.filter.iter().map(|filter| ("filter".to_owned(), filter.clone())).collect();
        let single = [
            ("where", self.condition.clone()),
            ("sort", self.sort.clone()),
            ("limit", self.limit.map(|l| l.to_string())),
        ];
        pairs.extend(single.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
        pairs.push(("total".to_owned(), "false".to_owned()));
        match Query::from_parameters(&project.schema, collection, &pairs) {
            Ok(query) => Ok(query),
            Err(faults) => bail!("{}", faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")),
        }
    }
}

fn find(project: &Project, name: &str) -> anyhow::Result<Arc<Collection>> {
    let names = project.schema.collections.keys().map(alyx_schema::CollectionName::as_str);
    let found = project.schema.collection(name).cloned();
    found.with_context(|| {
        let hint = alyx_yaml::did_you_mean(name, names).map(|hint| format!("; {hint}")).unwrap_or_default();
        format!("there is no collection \"{name}\"{hint}")
    })
}

fn as_json(advice: &Advice, took: f64, collection: &Collection) -> Value {
    let index = advice.index.as_ref().map(
        |index| json!({ "name": name_of(index, collection), "fields": names(index), "order": order(index.order) }),
    );
    json!({ "plan": advice.plan, "scans": advice.scans, "sorts": advice.sorts, "took_ms": took, "index": index })
}

fn report(session: &Session, advice: &Advice, took: f64, collection: &Collection) -> String {
    let style = session.style;
    let mut report = format!("{} a page took {took:.1} ms\n", style.bold("Now"));
    for line in &advice.plan {
        report.push_str(&format!("  {}\n", style.dim(line)));
    }
    report.push_str(&match &advice.index {
        Some(index) => advised(session, index, collection),
        None if advice.scans || advice.sorts => {
            let what = if advice.scans { "reads every document" } else { "sorts what it finds" };
            format!("\n{} it {what}, and no index would change that\n", style.yellow("note"))
        }
        None => format!("\n{} an index serves it already\n", style.green("ok")),
    });
    report
}

fn advised(session: &Session, index: &AdvisedIndex, collection: &Collection) -> String {
    let fields = counted(index.fields.len(), "field");
    let descending = if index.order == Order::Descending { "\n        order: desc" } else { "" };
    format!(
        "\n{} an index over {fields}. In schema.yaml, under {}:\n\n    indexes:\n      - name: {}\n        fields: [{}]{descending}\n",
        session.style.yellow("Wants"),
        collection.name,
        name_of(index, collection),
        names(index).join(", ")
    )
}

fn names(index: &AdvisedIndex) -> Vec<&str> {
    index.fields.iter().map(alyx_schema::FieldName::as_str).collect()
}

fn name_of(index: &AdvisedIndex, collection: &Collection) -> String {
    format!("idx_{}_{}", collection.name, names(index).join("_"))
}

fn order(order: Order) -> &'static str {
    match order {
        Order::Ascending => "asc",
        Order::Descending => "desc",
    }
}
