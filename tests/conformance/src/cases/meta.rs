//! What a backend says of itself, and that each of its stores stands alone.

use std::collections::BTreeSet;
use std::sync::Arc;

use codestrata_core::{
    Backend, Batch, Bytes, Capabilities, ErrorKind, KeyRange, OpenRequest, OptionKind, OptionSpec,
    OptionValue, Options, Registry,
};

use crate::Lab;
use crate::cases::oracle::{self, Model};
use crate::lab::{entries, everything, key, puts};
use crate::random::Random;
use crate::violation::{Outcome, demand, demand_equal, demand_error};

pub async fn the_registry_takes_the_backend(lab: &Lab) -> Outcome {
    let taken = Registry::empty().register(*lab.descriptor());
    demand(
        "a program can register the backend: its name is 1 to 64 lower-case letters, digits and hyphens and \
         begins with a letter, and it was built for this version of the contract",
        taken.is_ok(),
        taken,
    )
}

pub async fn it_says_what_it_is_and_where_it_comes_from(lab: &Lab) -> Outcome {
    let summary = lab.descriptor().summary_text();
    demand(
        "the summary of a descriptor says in one line what the engine is",
        !summary.trim().is_empty() && summary.lines().count() == 1,
        summary,
    )?;
    let (name, version) = lab.descriptor().origin();
    demand(
        "a descriptor names its crate and version, so that two backends of one name can be told apart",
        !name.trim().is_empty() && !version.trim().is_empty(),
        (name, version),
    )
}

pub async fn options_are_declared_once_and_explained(lab: &Lab) -> Outcome {
    let specs = lab.descriptor().option_specs();
    let names: BTreeSet<&str> = specs.iter().map(OptionSpec::name).collect();
    demand(
        "each option is declared once, under a name",
        names.len() == specs.len() && !names.contains(""),
        specs,
    )?;
    for spec in specs {
        demand("an option says what it is for", !spec.summary().trim().is_empty(), spec)?;
        demand(
            "an option that must be given has no default",
            !spec.is_required() || spec.default().is_none(),
            spec,
        )?;
        let given = given(lab, spec, spec.default());
        demand_equal(
            "the default of an option is of its kind",
            &given.check(&[*spec]).map_err(drop),
            &Ok(()),
        )?;
    }
    Ok(())
}

/// The option alone, with its value written as a configuration file would have it.
fn given(lab: &Lab, spec: &OptionSpec, value: Option<&str>) -> Options {
    let Some(text) = value else {
        return lab
            .place()
            .options()
            .iter()
            .filter(|(name, _)| *name == spec.name())
            .fold(Options::new(), |options, (name, value)| options.with(name, value.clone()));
    };
    let value = match spec.kind() {
        OptionKind::Boolean => text.parse().map(OptionValue::Boolean).ok(),
        OptionKind::Integer => text.parse().map(OptionValue::Integer).ok(),
        _ => None,
    };
    Options::new().with(spec.name(), value.unwrap_or_else(|| text.into()))
}

pub async fn a_default_may_be_given_as_well(lab: &Lab) -> Outcome {
    let place = lab.place();
    let options = lab
        .descriptor()
        .option_specs()
        .iter()
        .filter_map(|spec| Some((spec, spec.default()?)))
        .flat_map(|(spec, default)| {
            let given = given(lab, spec, Some(default));
            given.iter().map(|(name, value)| (name.to_owned(), value.clone())).collect::<Vec<_>>()
        })
        .fold(place.options(), |options, (name, value)| options.with(name, value));
    let store = lab.descriptor().open(OpenRequest::new(options)).await?;
    store.apply(puts(&[("k", "1")])?).await?;
    demand_equal(
        "a store whose defaults are written out works",
        &everything(&*store).await?,
        &entries(&[("k", "1")]),
    )
}

pub async fn claims_do_not_contradict_each_other(lab: &Lab) -> Outcome {
    let claims = lab.claims();
    let kept = claims.persistent();
    demand("what is synced is kept: `synced` needs `persistent`", kept || !claims.synced(), claims)?;
    demand(
        "what other processes can reach is kept: `readers_beside_writer` and `several_writers` need `persistent`",
        kept || !(claims.readers_beside_writer() || claims.several_writers()),
        claims,
    )?;
    demand(
        "a batch has room for a value and its key",
        claims.max_batch_bytes() > claims.max_value_bytes() && claims.max_value_bytes() > 0,
        claims,
    )
}

pub async fn capabilities_stay_the_same_for_life(lab: &Lab) -> Outcome {
    let (store, other) = (lab.store().await?, lab.store().await?);
    let first: Capabilities = *store.capabilities();
    let same = |when: &str, store: &dyn Backend| {
        demand_equal(
            &format!("the capabilities of a store are the same {when}"),
            store.capabilities(),
            &first,
        )
    };
    same("in a second store", &*other)?;
    store.apply(puts(&[("k", "1")])?).await?;
    same("after a batch", &*store)?;
    let refused = store.apply(Batch::new().require_absent(key("k")?)).await;
    demand_error("a precondition that fails", refused, ErrorKind::PreconditionFailed)?;
    same("after a refused batch", &*store)?;
    // Whether these work is the matter of other cases.
    drop(store.snapshot().await);
    same("after a snapshot", &*store)?;
    drop((store.flush().await, store.compact().await, store.verify().await));
    same("after a flush, a compaction and a check", &*store)?;
    other.close().await?;
    same("after another store was closed", &*store)?;
    store.close().await?;
    same("after it was closed", &*store)
}

pub async fn stores_in_use_at_once_share_nothing(lab: &Lab) -> Outcome {
    const ROUNDS: usize = 80;
    let stores = [lab.store().await?, lab.store().await?];
    let mut models = [Model::new(), Model::new()];
    let mut random = Random::seeded(5);
    let mut snapshot = None;
    for round in 0..ROUNDS {
        for ((store, model), number) in stores.iter().zip(&mut models).zip(0..) {
            // The same few keys in both, so that whatever is shared meets.
            let name = Bytes::from(random.bytes(b"ab", 1, 2));
            let mut batch = match model.get(&name) {
                None => Batch::new().require_absent(key(&name)?),
                Some(value) => Batch::new().require_equals(key(&name)?, value.clone()),
            };
            batch = match random.below(6) {
                0 => batch.delete(key(&name)?),
                1 => batch.delete_range(KeyRange::prefix(name.clone())),
                _ => batch.put(key(&name)?, format!("{number} in round {round}")),
            };
            oracle::carry_out(model, batch.ops());
            store.apply(batch).await?;
        }
        for (store, model) in stores.iter().zip(&models) {
            demand_equal(
                "each of two stores in use at once has what was written to it",
                &everything(&**store).await?,
                &oracle::list(model),
            )?;
        }
        if round == ROUNDS / 2 && lab.claims().snapshots() {
            let [store, _] = &stores;
            let [model, _] = &models;
            snapshot = Some((store.snapshot().await?, model.clone()));
        }
    }
    let Some((snapshot, model)) = snapshot else { return Ok(()) };
    demand_equal("a snapshot is of its own store", &everything(&*snapshot).await?, &oracle::list(&model))
}

pub async fn many_stores_may_be_open_at_once(lab: &Lab) -> Outcome {
    const STORES: u8 = 12;
    let mut stores: Vec<Arc<dyn Backend>> = Vec::new();
    for number in 0..STORES {
        let store = lab.store().await?;
        store.apply(puts(&[("k", [number])])?).await?;
        stores.push(store);
    }
    for (store, number) in stores.iter().zip(0_u8..) {
        demand_equal("each store has its own", &everything(&**store).await?, &entries(&[("k", [number])]))?;
        if number % 2 == 0 {
            store.close().await?;
        }
    }
    for (store, number) in stores.iter().zip(0_u8..).filter(|(_, number)| number % 2 == 1) {
        store.apply(Batch::new().put(key("l")?, "1").require_equals(key("k")?, vec![number])).await?;
        let left: [(&str, &[u8]); 2] = [("k", &[number]), ("l", b"1")];
        demand_equal("and goes on when others are closed", &everything(&**store).await?, &entries(&left))?;
    }
    Ok(())
}
