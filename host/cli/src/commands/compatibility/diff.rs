//! `codestrata compatibility diff`.

use clap::Args;
use codestrata_analyse::compatibility::CompatibilityMatrix;
use codestrata_analyse::runs::list;

use crate::arguments::Settings;
use crate::commands::analysis::compare;
use crate::failure::Failure;
use crate::repository;
use crate::results::load;
use crate::store::Store;

const EXAMPLES: &str = "\
Examples:
  codestrata compatibility diff
  codestrata compatibility diff 3f2a91c 77b0e45";

/// Show what is different between two matrices.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Diff {
    /// The earlier and the later matrix, by their ids or the first characters of these [default: the two newest].
    #[arg(value_name = "ID", num_args = 2)]
    ids: Vec<String>,
}

impl Diff {
    pub(super) async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let store = Store::open_to_read(settings).await?;
        let (earlier, later) = match self.ids.as_slice() {
            [earlier, later] => (load(&store, earlier).await?, load(&store, later).await?),
            _ => {
                let queries = repository::choose(settings, &store).await?;
                let newest =
                    list::<CompatibilityMatrix>(store.storage.analysis(), queries.repository(), 2).await?;
                let [later, earlier] = newest.as_slice() else {
                    return Err(Failure::not_found("two matrices are needed, and there are not as many")
                        .with_help("`codestrata compatibility import FILE` keeps one"));
                };
                (load(&store, &earlier.id).await?, load(&store, &later.id).await?)
            }
        };
        compare::<CompatibilityMatrix>(settings, &earlier, &later, super::write_difference)
    }
}
