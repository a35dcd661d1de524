//! Which repository of a store is meant.

use std::path::{Path, PathBuf};

use codestrata::{GraphMetadata, GraphStorage, Queries};

use crate::arguments::Settings;
use crate::failure::{Code, Failure};
use crate::store::{Store, nothing_indexed};
use crate::symbols::did_you_mean;

/// How many ids an error lists.
const MAX_LISTED: usize = 20;
/// How many near ids are offered.
const MAX_NEAR: usize = 3;
/// An id is near to another from here on: Jaro-Winkler likeness, from 0 to 1.
const NEAR: f64 = 0.8;

/// The repository to ask: `--repo`, else the only one, else the one in whose folder one stands.
///
/// # Errors
/// With the ids that there are, if none of this leads to one.
pub(crate) async fn choose(settings: &Settings, store: &Store) -> Result<Queries, Failure> {
    choose_named(settings.repo.as_deref(), store).await
}

/// The same, where the id may have been named in another way.
///
/// # Errors
/// As [`choose`].
pub(crate) async fn choose_named(wanted: Option<&str>, store: &Store) -> Result<Queries, Failure> {
    let storage = &store.storage;
    if let Some(wanted) = wanted {
        if storage.graph().graph_exists(wanted).await? {
            return Ok(storage.query(wanted));
        }
        let ids = storage.graph().list_repositories().await?;
        if ids.is_empty() {
            return Err(nothing_indexed(&store.location));
        }
        let near = near(wanted, &ids);
        let help = match did_you_mean(&near) {
            Some(question) => format!("{question} The store has {}", listed(&ids)),
            None => format!("it has {}", listed(&ids)),
        };
        return Err(Failure::not_found(format!("there is no repository `{wanted}` in this store"))
            .with_help(help)
            .with_detail("similar", near)
            .with_detail("repositories", ids));
    }
    let ids = storage.graph().list_repositories().await?;
    match ids.as_slice() {
        [] => Err(nothing_indexed(&store.location)),
        [only] => Ok(storage.query(only)),
        several => match of_current_folder(store, several).await? {
            Some(id) => Ok(storage.query(&id)),
            None => Err(Failure::new(Code::Usage, "usage", "the store has several repositories")
                .with_help(format!("name one with --repo: {}", listed(&ids)))
                .with_detail("repositories", ids)),
        },
    }
}

/// The repository whose folder is the nearest around the current one.
async fn of_current_folder(store: &Store, ids: &[String]) -> Result<Option<String>, Failure> {
    let Ok(here) = std::env::current_dir() else { return Ok(None) };
    let mut nearest: Option<(usize, String)> = None;
    for id in ids {
        let Some(root) = store.storage.query(id).overview().await?.root else { continue };
        let depth = Path::new(&root).components().count();
        let is_nearer = nearest.as_ref().is_none_or(|(other, _)| depth > *other);
        if here.starts_with(&root) && is_nearer {
            nearest = Some((depth, id.clone()));
        }
    }
    Ok(nearest.map(|(_, id)| id))
}

/// The repositories that were indexed from a folder, with it.
///
/// # Errors
/// What the store answers.
pub(crate) async fn roots(store: &Store) -> Result<Vec<(String, PathBuf)>, Failure> {
    let mut roots = Vec::new();
    for id in store.storage.graph().list_repositories().await? {
        // One may be deleted while the list is read.
        let root = stored(store, &id).await?.and_then(|metadata| metadata.root);
        roots.extend(root.map(|root| (id, PathBuf::from(root))));
    }
    Ok(roots)
}

/// The id under which a folder is indexed when none is named: the one it has, else its name.
///
/// # Errors
/// If it has no name.
pub(crate) async fn of_folder(store: &Store, root: &Path) -> Result<String, Failure> {
    let name = root.file_name().map(|name| name.to_string_lossy().into_owned());
    let root = root.to_string_lossy();
    let mut known: Vec<String> = Vec::new();
    for id in store.storage.graph().list_repositories().await? {
        if store.storage.query(&id).overview().await?.root.as_deref() == Some(root.as_ref()) {
            known.push(id);
        }
    }
    match (known.as_slice(), name) {
        ([only], _) => Ok(only.clone()),
        (_, Some(name)) => Ok(name),
        (_, None) => Err(Failure::new(Code::Usage, "usage", format!("the folder {root} has no name"))
            .with_help("give the repository one with --repo")),
    }
}

/// What is stored under an id, if anything is.
pub(crate) async fn stored(store: &Store, id: &str) -> Result<Option<GraphMetadata>, Failure> {
    match store.storage.query(id).overview().await {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if error.kind() == codestrata::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The ids that are like this one, nearest first.
fn near(wanted: &str, ids: &[String]) -> Vec<String> {
    let wanted = wanted.to_lowercase();
    let likeness = |id: &String| strsim::jaro_winkler(&wanted, &id.to_lowercase());
    let mut near: Vec<(f64, &String)> =
        ids.iter().map(|id| (likeness(id), id)).filter(|(likeness, _)| *likeness >= NEAR).collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    near.into_iter().take(MAX_NEAR).map(|(_, id)| id.clone()).collect()
}

fn listed(ids: &[String]) -> String {
    let shown: Vec<String> = ids.iter().take(MAX_LISTED).map(|id| format!("`{id}`")).collect();
    let more = ids.len().saturating_sub(MAX_LISTED);
    let shown = shown.join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more; see `codestrata repos`") }
}
