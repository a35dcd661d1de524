//! `codestrata find`.

use clap::Args;
use codestrata::Queries;
use codestrata::query::{AttributeFilter, FindFilter, FolderOptions};

use crate::arguments::{Limit, Settings, with_notes};
use crate::failure::{Code, Failure};
use crate::freshness;
use crate::output::{definition, write_cut};
use crate::repository;
use crate::store::Store;

const EXAMPLES: &str = "\
Examples:
  codestrata find user
  codestrata find get_ --prefix --kind method
  codestrata find User --file models/ --limit 500
  codestrata find --attr async=true --attr decorators=app.route";

/// How many kinds an error lists.
const MAX_KINDS: usize = 40;

const NOTES: &str = "\
Case counts only if the text has a capital letter.

--attr NAME=VALUE takes text as it is, and true, 3 or null as JSON; a list has the value if one of its items is it. \
    --attr NAME takes any value. What other analysers added is named ANALYSER.NAME. Given several times, all must hold. \
    `codestrata show` shows the attributes of a definition.";

/// Find definitions by a part of their names, by kind, by file and by attributes.
///
/// Exact names come first, then beginnings, then the rest.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = with_notes(EXAMPLES, NOTES))]
pub(crate) struct Find {
    /// What the name contains; it may be left out beside another condition.
    #[arg(value_name = "TEXT", default_value = "", hide_default_value = true)]
    text: String,

    /// Only definitions of this kind: class, function, method, variable ...
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,

    /// Only definitions in files whose path contains this.
    #[arg(long, value_name = "PART")]
    file: Option<String>,

    /// Only definitions with this attribute, or with this value of it.
    #[arg(long, value_name = "NAME[=VALUE]")]
    attr: Vec<String>,

    /// Only names that begin with the text.
    #[arg(long)]
    prefix: bool,

    #[command(flatten)]
    limit: Limit,
}

impl Find {
    pub(crate) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let filter = FindFilter {
            kind: self.kind,
            file: self.file,
            prefix: self.prefix,
            attributes: self.attr.iter().map(|text| AttributeFilter::parse(text)).collect(),
        };
        if filter.attributes.iter().any(|attribute| attribute.name.is_empty()) {
            return Err(Failure::new(Code::Usage, "usage", "--attr does not name an attribute")
                .with_help("give NAME or NAME=VALUE, such as --attr async=true"));
        }
        let is_filtered = filter.kind.is_some() || filter.file.is_some() || !filter.attributes.is_empty();
        if self.text.is_empty() && !is_filtered {
            return Err(Failure::new(Code::Usage, "usage", "there is nothing to look for")
                .with_help("give a part of a name, or --kind, --file or --attr"));
        }
        let store = Store::open_to_read(settings).await?;
        let queries = repository::choose(settings, &store).await?;
        let limit = self.limit.get();
        let found = queries.find(&self.text, &filter, limit).await?;
        if found.results.is_empty() {
            let failure = match odd_kind(&queries, &filter).await? {
                Some(odd) => odd,
                None => nothing(&self.text, is_filtered, filter.prefix),
            };
            return Err(freshness::doubted(&queries, failure).await);
        }
        freshness::answer(settings, &queries, &found, |out| {
            for hit in &found.results {
                writeln!(out, "{}", definition(hit))?;
            }
            if found.truncated { write_cut(out, limit) } else { Ok(()) }
        })
        .await
    }
}

/// Nothing has been found because nothing is of the kind that was asked for.
async fn odd_kind(queries: &Queries, filter: &FindFilter) -> Result<Option<Failure>, Failure> {
    let Some(kind) = &filter.kind else { return Ok(None) };
    let any = FindFilter { kind: Some(kind.clone()), ..FindFilter::default() };
    if !queries.find("", &any, 1).await?.results.is_empty() {
        return Ok(None);
    }
    let statistics = queries.statistics(FolderOptions::default(), |_| String::new()).await?;
    let kinds: Vec<&str> = statistics.nodes_by_kind.keys().take(MAX_KINDS).map(String::as_str).collect();
    let message = format!("no definition in `{}` is of the kind `{kind}`", queries.repository());
    Ok(Some(Failure::not_found(message).with_help(format!("its kinds are {}", kinds.join(", ")))))
}

/// Nothing has been found.
fn nothing(text: &str, is_filtered: bool, is_prefix: bool) -> Failure {
    let does = if is_prefix { "begins with" } else { "contains" };
    match (text, is_filtered) {
        ("", _) => Failure::not_found("no definition meets these conditions")
            .with_help("leave one of --kind, --file and --attr out to see more"),
        (_, true) => Failure::not_found(format!("no name that meets these conditions {does} `{text}`"))
            .with_help("leave one of --kind, --file and --attr out to see more"),
        // No name, but what one takes to name a definition elsewhere.
        (_, false) if text.contains(['.', ':', '/', '#']) => {
            Failure::not_found(format!("no name {does} `{text}`")).with_help(format!(
                "`codestrata show {text}` takes an id, the end of a qualified name or a place; `find` looks at names alone"
            ))
        }
        (_, false) => Failure::not_found(format!("no name {does} `{text}`"))
            .with_help("a shorter part of the name finds more; text in lower case finds capitals too"),
    }
}
