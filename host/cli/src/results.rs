//! Results of analyses by their ids, or by how these begin: ids have 32 digits, or are long names that other tools
//! gave, and nobody writes those in full.

use codestrata::{AnalysisResult, AnalysisStorage, AnalysisSummary};

use crate::failure::{Code, Failure};
use crate::moments::moment;
use crate::store::Store;

/// So many characters of an id are enough.
const FEWEST_CHARACTERS: usize = 4;
/// How many results an error lists.
const MAX_LISTED: usize = 10;

/// The result with this id, or the only one whose id begins with this.
///
/// # Errors
/// `not-found` if there is none; wrong usage, with the ids that are meant, if there are several.
pub(crate) async fn load(store: &Store, id: &str) -> Result<AnalysisResult, Failure> {
    let analysis = store.storage.analysis();
    if let Some(result) = analysis.load_analysis(id).await? {
        return Ok(result);
    }
    let is_beginning = id.chars().nth(FEWEST_CHARACTERS - 1).is_some();
    let found = if is_beginning { analysis.beginning_with(id, MAX_LISTED + 1).await? } else { Vec::new() };
    match found.as_slice() {
        [] => Err(unknown(id)),
        [only] => analysis.load_analysis(&only.id).await?.ok_or_else(|| unknown(id)),
        several => Err(ambiguous(id, several)),
    }
}

fn unknown(id: &str) -> Failure {
    let help = "`codestrata analysis list` shows the results of a repository; the first four characters of an id are enough \
                where no other begins so";
    Failure::not_found(format!("there is no result `{id}`")).with_help(help)
}

fn ambiguous(id: &str, results: &[AnalysisSummary]) -> Failure {
    let listed = results.iter().take(MAX_LISTED);
    let named: Vec<String> = listed
        .clone()
        .map(|result| {
            let time = moment(result.timestamp).unwrap_or_else(|| "an unknown time".to_owned());
            format!("`{}` ({} of {time})", result.id, result.analysis_type)
        })
        .collect();
    let more = if results.len() > MAX_LISTED { " and more" } else { "" };
    let ids: Vec<String> = listed.map(|result| result.id.clone()).collect();
    Failure::new(Code::Usage, "usage", format!("several results have an id that begins with `{id}`"))
        .with_help(format!("give more of one of {}{more}", named.join(", ")))
        .with_detail("similar", ids)
}
