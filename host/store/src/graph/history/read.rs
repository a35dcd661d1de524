//! Questions about the history.

use std::time::SystemTime;

use codestrata_core::{Error, ErrorKind, Result, ScanRequest};
use serde::Serialize;

use super::change::{Change, Difference, Listing, Sums};
use super::listed::add_listed;
use crate::codec::{RecordKind, decode};
use crate::graph::view::View;
use crate::keyspace;
use crate::records::ms_of;

/// Which versions are meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Since {
    /// All of which something is kept.
    #[default]
    Beginning,
    /// Those after this one.
    Version(u64),
    /// Those made at this time or later.
    Time(SystemTime),
}

/// Versions and what they changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// The version of the graph now.
    pub version: u64,
    /// The oldest version of which something is kept; none if nothing is.
    pub oldest: Option<u64>,
    /// The newest first.
    pub changes: Vec<Change>,
    /// Whether there are more.
    pub truncated: bool,
}

/// The net difference between two versions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VersionDifference {
    /// The version that it starts from.
    pub from: u64,
    /// The version that it leads to.
    pub to: u64,
    /// What came and went. What came and went again in between is neither.
    pub difference: Difference,
}

/// The oldest version of which something is kept.
async fn oldest(view: &View<'_>) -> Result<Option<u64>> {
    let [changes, _] = keyspace::history(view.repo, 0..=u64::MAX);
    let page = view.reader().await?.scan(&ScanRequest::new(changes).keys_only().max_items(1)).await?;
    Ok(page.iter().next().and_then(|(key, _)| keyspace::version_of(key)))
}

/// The changes since then, the newest first, at most so many.
pub(in crate::graph) async fn changes(view: &View<'_>, since: Since, limit: usize) -> Result<Changes> {
    let mut found = Changes { version: view.head.version, oldest: oldest(view).await?, ..Changes::default() };
    let (first, time) = match since {
        Since::Beginning => (0, 0),
        Since::Version(version) => (version.saturating_add(1), 0),
        Since::Time(time) => (0, ms_of(time).unwrap_or_default()),
    };
    let [range, _] = keyspace::history(view.repo, first..=u64::MAX);
    let mut request = ScanRequest::new(range).reverse().max_items(limit.saturating_add(1));
    loop {
        let page = view.reader().await?.scan(&request).await?;
        for (_, value) in page.iter() {
            let change: Change = decode(RecordKind::Change, value)?;
            if change.time_ms < time {
                return Ok(found);
            }
            if found.changes.len() >= limit {
                found.truncated = true;
                return Ok(found);
            }
            found.changes.push(change);
        }
        match page.next() {
            Some(rest) => request = request.over(rest.clone()),
            None => return Ok(found),
        }
    }
}

/// What came and went after one version, up to another or to the newest.
pub(in crate::graph) async fn difference(
    view: &View<'_>,
    from: u64,
    to: Option<u64>,
) -> Result<VersionDifference> {
    let newest = view.head.version;
    let to = to.unwrap_or(newest);
    if from > newest || to > newest {
        let message =
            format!("`{}` has no version {} yet; the newest is {newest}", view.head.repo_id, from.max(to));
        return Err(
            Error::new(ErrorKind::NotFound, message).with_help("`codestrata changes` lists the versions")
        );
    }
    // Backwards, what came is what goes.
    let (first, last) = (from.min(to), from.max(to));
    let mut sums = Sums::default();
    let mut expected = first.saturating_add(1);
    if expected <= last {
        let [changes, _] = keyspace::history(view.repo, expected..=last);
        let mut listings = Vec::new();
        view.engine
            .for_each(view.reader().await?, ScanRequest::new(changes), |_, value| {
                listings.push(decode::<Change>(RecordKind::Change, value)?);
                Ok(())
            })
            .await?;
        for change in &listings {
            if change.version != expected {
                return Err(goes_back_to(view, oldest(view).await?));
            }
            if change.listing != Listing::Listed {
                return Err(not_listed(view, change));
            }
            expected = expected.saturating_add(1);
        }
        if expected <= last {
            return Err(goes_back_to(view, oldest(view).await?));
        }
        let [_, listed] = keyspace::history(view.repo, first.saturating_add(1)..=last);
        view.engine
            .for_each(view.reader().await?, ScanRequest::new(listed), |_, value| add_listed(value, &mut sums))
            .await?;
    }
    let mut difference = sums.difference();
    if to < from {
        std::mem::swap(&mut difference.nodes_added, &mut difference.nodes_removed);
        std::mem::swap(&mut difference.edges_added, &mut difference.edges_removed);
    }
    Ok(VersionDifference { from, to, difference })
}

/// What one version added and removed.
pub(in crate::graph) async fn of_version(view: &View<'_>, version: u64) -> Result<Difference> {
    let mut sums = Sums::default();
    if let Some(bytes) = view.reader().await?.get(&keyspace::listed_change(view.repo, version)?).await? {
        add_listed(&bytes, &mut sums)?;
    }
    Ok(sums.difference())
}

fn goes_back_to(view: &View<'_>, oldest: Option<u64>) -> Error {
    let id = &view.head.repo_id;
    let message = match oldest {
        None => format!("no history of `{id}` is kept"),
        // The record of a version says how it differs from the one before it.
        Some(oldest) => {
            format!("the history of `{id}` goes back to version {} only", oldest.saturating_sub(1))
        }
    };
    Error::new(ErrorKind::NotFound, message)
        .with_help("`history` in the section [storage] of the configuration says how many versions are kept")
}

fn not_listed(view: &View<'_>, change: &Change) -> Error {
    let (version, amounts) = (change.version, change.amounts);
    let why = match change.listing {
        Listing::NotCompared => {
            "was stored in place of a damaged one, and could not be compared with it".to_owned()
        }
        _ if version == 1 => "is the first; everything came with it".to_owned(),
        _ => format!(
            "changed too much to be listed: {} nodes came and {} went, {} edges came and {} went",
            amounts.nodes_added, amounts.nodes_removed, amounts.edges_added, amounts.edges_removed
        ),
    };
    Error::new(ErrorKind::NotFound, format!("version {version} of `{}` {why}", view.head.repo_id))
        .with_help(format!("ask from version {version} on; `codestrata changes` has the figures of each"))
}
