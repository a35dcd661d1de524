//! Opening: modes, locks, options.

use codestrata_core::{Batch, ErrorKind, KeyRange, OpenMode, OpenRequest};

use crate::Lab;
use crate::lab::{entries, everything, key, puts};
use crate::violation::{Outcome, demand, demand_equal, demand_error};

pub async fn a_missing_store_is_not_found(lab: &Lab) -> Outcome {
    for mode in [OpenMode::Existing, OpenMode::ReadOnly] {
        let place = lab.place();
        let result = place.open(mode).await;
        demand_error(&format!("opening {mode:?} where nothing is"), result.map(drop), ErrorKind::NotFound)?;
        demand("nothing is made by it", place.is_untouched(), place.folder())?;
    }
    Ok(())
}

pub async fn create_opens_what_is_there(lab: &Lab) -> Outcome {
    let place = lab.place();
    let store = place.open(OpenMode::Create).await?;
    store.apply(puts(&[("k", "1")])?).await?;
    store.close().await?;
    let again = place.open(OpenMode::Create).await?;
    let kept: &[(&str, &str)] = if lab.claims().persistent() { &[("k", "1")] } else { &[] };
    demand_equal("Create replaces nothing that is kept", &everything(&*again).await?, &entries(kept))
}

pub async fn a_second_writer_is_locked_out(lab: &Lab) -> Outcome {
    let place = lab.place();
    let first = place.open(OpenMode::Create).await?;
    first.apply(puts(&[("k", "1")])?).await?;
    for mode in [OpenMode::Create, OpenMode::Existing] {
        let second = place.open(mode).await;
        if !lab.claims().persistent() {
            // Every open makes a store of its own, if it makes one.
            if let Ok(second) = second {
                demand_equal(
                    "a store that is not kept is always new",
                    &everything(&*second).await?.len(),
                    &0,
                )?;
            }
            continue;
        }
        if lab.claims().several_writers() {
            let second = second?;
            second.apply(puts(&[("l", "2")])?).await?;
            demand_equal(
                "two writers see each other's batches",
                &everything(&*first).await?,
                &entries(&[("k", "1"), ("l", "2")]),
            )?;
            continue;
        }
        demand_error("a second writer", second.map(drop), ErrorKind::Locked)?;
        first.apply(puts(&[("k", "1")])?).await?;
    }
    Ok(())
}

pub async fn the_lock_goes_with_the_store(lab: &Lab) -> Outcome {
    let place = lab.place();
    for round in 0..6 {
        let store = place.open(OpenMode::Create).await?;
        store.apply(puts(&[("k", "1")])?).await?;
        // Closed, dropped, or both, the next one can open it.
        if round % 2 == 0 {
            store.close().await?;
        }
        if round % 3 == 0 {
            std::mem::drop(store);
        } else if round % 2 == 0 {
            // A closed store that is still kept holds nothing.
            let next = place.open(OpenMode::Create).await?;
            next.close().await?;
        }
    }
    Ok(())
}

pub async fn a_reader_sees_what_is_committed_beside_it(lab: &Lab) -> Outcome {
    let place = lab.place();
    let writer = place.open(OpenMode::Create).await?;
    writer.apply(puts(&[("k", "1")])?).await?;
    let reader = place.open(OpenMode::ReadOnly).await;
    if !lab.claims().persistent() {
        return demand_error("reading a store that is not kept", reader.map(drop), ErrorKind::NotFound)
            .map(drop);
    }
    if !lab.claims().readers_beside_writer() {
        return demand_error(
            "a reader beside a writer where it is not claimed",
            reader.map(drop),
            ErrorKind::Locked,
        )
        .map(drop);
    }
    let reader = reader?;
    demand_equal(
        "a reader sees what was committed before",
        &everything(&*reader).await?,
        &entries(&[("k", "1")]),
    )?;
    for round in 0..20_u8 {
        writer.apply(puts(&[("k", [round])])?).await?;
        demand_equal(
            "a reader sees what was committed since",
            &everything(&*reader).await?,
            &entries(&[("k", [round])]),
        )?;
    }
    reader.close().await?;
    writer.apply(puts(&[("k", "end")])?).await?;
    demand_equal(
        "a reader's end does not touch the writer",
        &everything(&*writer).await?,
        &entries(&[("k", "end")]),
    )
}

pub async fn read_only_refuses_every_write(lab: &Lab) -> Outcome {
    let place = lab.place();
    let store = place.open(OpenMode::Create).await?;
    store.apply(puts(&[("k", "1")])?).await?;
    store.close().await?;
    let reader = place.open(OpenMode::ReadOnly).await;
    if !lab.claims().persistent() {
        return demand_error("reading a store that is not kept", reader.map(drop), ErrorKind::NotFound)
            .map(drop);
    }
    let reader = reader?;
    let writes = [
        puts(&[("k", "2")])?,
        Batch::new().delete(key("k")?),
        Batch::new().delete_range(KeyRange::all()),
        Batch::new(),
        Batch::new().require_absent(key("x")?),
    ];
    for batch in writes {
        demand_error(
            "a batch for a store that is read only",
            reader.apply(batch).await,
            ErrorKind::ReadOnly,
        )?;
    }
    demand_equal("reads go on", &everything(&*reader).await?, &entries(&[("k", "1")]))?;
    reader.close().await?;
    let again = place.open(OpenMode::Existing).await?;
    demand_equal("nothing was written", &everything(&*again).await?, &entries(&[("k", "1")]))
}

pub async fn an_unknown_option_is_refused(lab: &Lab) -> Outcome {
    let place = lab.place();
    let options = place.options().with("no-such-option", "1");
    let result = lab.descriptor().open(OpenRequest::new(options)).await;
    let error =
        demand_error("an option that the backend does not take", result.map(drop), ErrorKind::InvalidConfig)?;
    demand_equal("the error names it", &error.option(), &Some("no-such-option"))?;
    demand("nothing is made", place.is_untouched(), place.folder())
}

pub async fn capabilities_are_as_declared(lab: &Lab) -> Outcome {
    let store = lab.store().await?;
    let (declared, open) = (lab.claims(), *store.capabilities());
    let facts = |from: &codestrata_core::Capabilities| {
        (
            (from.snapshots(), from.consistent_pages(), from.persistent(), from.synced()),
            (
                from.readers_beside_writer(),
                from.several_writers(),
                from.max_value_bytes(),
                from.max_batch_bytes(),
            ),
        )
    };
    demand_equal("a store can do what its backend declares", &facts(&open), &facts(declared))?;
    store.apply(puts(&[("k", "1")])?).await?;
    store.close().await?;
    demand_equal("capabilities are constant", store.capabilities(), &open)
}
