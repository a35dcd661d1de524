//! What else of a damaged store cannot be read: which repositories it touches, and whether results of analyses are
//! among it.

use codestrata_core::{KeyRange, Result};

use super::reading::{Lost, Reading};
use super::report::{Findings, Subject};
use crate::graph::engine::Engine;
use crate::keyspace::{self, RepoOrd, Space, Table, analysis};
use crate::records::Head;

/// What of a whole store cannot be read.
pub(in crate::graph) async fn unreadable(engine: &Engine) -> Result<Findings> {
    let mut findings = Findings::default();
    others(engine, None, &mut findings).await?;
    Ok(findings)
}

/// Adds what cannot be read of the store, but for one repository, which has been looked at by itself.
///
/// Cost: the whole store is read.
pub(super) async fn others(engine: &Engine, except: Option<&str>, findings: &mut Findings) -> Result<()> {
    let mut reading = Reading::of_store(engine);
    let mut repositories: Vec<(String, RepoOrd, Space)> = Vec::new();
    let lost = reading
        .each(keyspace::all_heads(), false, |key, value| {
            // A head that can be read and not decoded is its repository's to verify.
            if let (Some(repo), Ok(head)) = (keyspace::last_ordinal(key), Head::decode(value)) {
                repositories.push((head.repo_id, repo, head.space));
            }
        })
        .await?;
    if let Some(lost) = lost.first() {
        let message = lost.says("heads of repositories, and with each of them its graph,");
        findings.add(None, Subject::Head, message);
    }
    let lost = reading.each(keyspace::repository_ids(), false, |_, _| {}).await?;
    if let Some(lost) = lost.first() {
        findings.add(None, Subject::Head, lost.says("names of repositories"));
    }
    for (id, repo, space) in repositories {
        if except != Some(id.as_str()) {
            repository(&mut reading, (&id, repo, space), findings).await?;
        }
    }
    // Results may lie in another store, which has no graphs.
    if engine.analyses.is_shared {
        let lost = reading.each(analysis::everything(), false, |_, _| {}).await?;
        if let Some(lost) = lost.first() {
            findings.add(None, Subject::Engine, lost.says("results of analyses"));
        }
    }
    Ok(())
}

/// Adds which parts of a repository cannot be read, as one finding.
async fn repository(
    reading: &mut Reading<'_>,
    (id, repo, space): (&str, RepoOrd, Space),
    findings: &mut Findings,
) -> Result<()> {
    let [changes, listed] = keyspace::history(repo, 0..=u64::MAX);
    let table = |table: Table| keyspace::table(space, table);
    let parts: [(&str, KeyRange); 9] = [
        ("history", changes),
        ("history", listed),
        ("segments", keyspace::segments(repo)),
        ("paths", table(Table::Path)),
        ("entries", table(Table::File)),
        ("links", table(Table::Links)),
        ("index", table(Table::Bucket)),
        ("index", table(Table::Delta)),
        ("notes", table(Table::Note)),
    ];
    let mut names: Vec<&str> = Vec::new();
    let mut first: Option<Lost> = None;
    for (name, range) in parts {
        let lost = reading.each(range, false, |_, _| {}).await?.into_iter().next();
        if lost.is_some() && names.last() != Some(&name) {
            names.push(name);
        }
        first = first.or(lost);
    }
    if let Some(lost) = first {
        let message = format!("parts of the repository `{id}` ({})", names.join(", "));
        findings.add(None, Subject::Engine, lost.says(&message));
    }
    Ok(())
}
