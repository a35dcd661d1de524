//! The conformance suite passes through each layer, over the engine in memory, and through all of them at once over redb,
//! where there is durability as well.

use std::sync::Arc;
use std::time::Duration;

use codestrata::Compression;
use codestrata::layers::{
    FaultPlan, Faulty, Layers, Metered, Operation, Packed, RetryPolicy, Retrying, TimeLimited, TimeLimits,
    Traced, When,
};
use codestrata_backend_memory::DESCRIPTOR as MEMORY;
use codestrata_backend_redb::DESCRIPTOR as REDB;
use codestrata_conformance::Factory;
use codestrata_core::{Backend, BackendDescriptor, ErrorKind, OpenFuture, OpenRequest};

/// Long enough that no call of the suite is cut short on a busy machine.
const AMPLE: Duration = Duration::from_secs(300);

/// The suite over a backend that is opened by one descriptor and wrapped by a function, which has the name of its module.
macro_rules! through {
    ($name:ident, $below:expr, $wrap:expr) => {
        mod $name {
            use super::*;

            fn open(request: OpenRequest) -> OpenFuture {
                Box::pin(async move {
                    let store: Arc<dyn Backend> = $wrap($below.open(request).await?);
                    Ok(store)
                })
            }

            const DESCRIPTOR: BackendDescriptor = BackendDescriptor::new("layered", open)
                .crate_name(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
                .summary($below.summary_text())
                .capabilities(*$below.declared_capabilities())
                .options($below.option_specs());

            codestrata_conformance::suite!(
                Factory::from(DESCRIPTOR).label(stringify!($name)).time_limit(AMPLE)
            );
        }
    };
}

fn limits() -> TimeLimits {
    TimeLimits::of(AMPLE)
}

/// What an engine over a network does, and a caller with retries need not notice: refusals that pass.
fn unsteady(store: Arc<dyn Backend>) -> Arc<dyn Backend> {
    let plan = FaultPlan::seeded(1)
        .fail(&[Operation::Apply], When::PerMille(20), ErrorKind::Conflict)
        .fail(&Operation::READS, When::PerMille(20), ErrorKind::Unavailable)
        .fail(&[Operation::Snapshot, Operation::Flush], When::PerMille(200), ErrorKind::Unavailable);
    Arc::new(Faulty::new(store, plan))
}

fn quick() -> RetryPolicy {
    RetryPolicy::retries(30).delays(Duration::from_micros(10), Duration::from_millis(1))
}

through!(traced, MEMORY, |store| Arc::new(Traced::new(store, "memory")));
through!(metered, MEMORY, |store| Arc::new(Metered::new(store, "memory")));
through!(time_limited, MEMORY, |store| Arc::new(TimeLimited::new(store, "memory", limits())));
through!(packed, MEMORY, |store| Arc::new(Packed::new(store, Compression::Lz4)));
through!(retrying_an_unsteady_engine, MEMORY, |store| Arc::new(Retrying::new(
    unsteady(store),
    "memory",
    quick()
)));
through!(all_of_them_over_redb, REDB, |store| {
    let layers = Layers::named("redb").traced().metered().retries(quick()).time_limit(limits());
    Arc::new(Packed::new(layers.over(store), Compression::Zstd))
});
