//! Opening: modes, locks, options.

use std::collections::BTreeSet;
use std::fs::Permissions;
use std::path::PathBuf;

use codestrata_core::{Batch, ErrorKind, KeyRange, OpenMode, OpenRequest, OptionKind};

use crate::Lab;
use crate::lab::{Place, entries, everything, key, puts};
use crate::place::trouble;
use crate::violation::{Outcome, demand, demand_equal, demand_error};
use crate::workload::{batch, count_batches};

const NO_FILES: &str = "the backend keeps no files";

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

/// A closed store of some batches; none where the backend keeps no files.
async fn closed_store(lab: &Lab) -> Outcome<Option<Place>> {
    let place = lab.place();
    let store = place.open(OpenMode::Create).await?;
    for number in 0..5 {
        store.apply(batch(number)?).await?;
    }
    store.close().await?;
    Ok((lab.claims().persistent() && !place.is_untouched()).then_some(place))
}

pub async fn reading_a_store_changes_none_of_its_files(lab: &Lab) -> Outcome {
    if !lab.claims().read_only_media() {
        return lab.not_applicable("read-only media are not claimed");
    }
    let Some(place) = closed_store(lab).await? else { return lab.not_applicable(NO_FILES) };
    let before = place.bytes()?;
    for way in 0..3 {
        let reader = place.open(OpenMode::ReadOnly).await?;
        demand_equal("a reader sees everything", &count_batches(&*reader).await?, &5)?;
        // Each way of ending, and a write that is refused.
        let refused = reader.apply(batch(9)?).await;
        demand_error("a batch for a store that is read only", refused, ErrorKind::ReadOnly)?;
        if way > 0 {
            reader.close().await?;
        }
        drop(reader);
        let after = place.bytes()?;
        let changed: Vec<_> =
            before.keys().chain(after.keys()).filter(|file| before.get(*file) != after.get(*file)).collect();
        demand("reading a store changes none of its files, and leaves none", changed.is_empty(), &changed)?;
    }
    Ok(())
}

pub async fn a_store_without_the_right_to_write_is_read(lab: &Lab) -> Outcome {
    if !lab.claims().read_only_media() {
        return lab.not_applicable("read-only media are not claimed");
    }
    let Some(place) = closed_store(lab).await? else { return lab.not_applicable(NO_FILES) };
    let locked = Unwritable::make(&place)?;
    let is_powerless = std::fs::write(place.folder().join("probe"), "").is_ok();
    let outcome = if is_powerless {
        lab.not_applicable("this user may write wherever it wants to")
    } else {
        read_unwritable(&place).await
    };
    locked.undo();
    outcome
}

async fn read_unwritable(place: &Place) -> Outcome {
    let reader = place.open(OpenMode::ReadOnly).await?;
    demand_equal("a store that cannot be written to can be read", &count_batches(&*reader).await?, &5)?;
    reader.close().await?;
    // To write to it is an error of some kind, and no panic.
    let writer = place.open(OpenMode::Existing).await.map(drop);
    demand("a store that cannot be written to is not opened to write", writer.is_err(), &writer)
}

/// Files and folders that were made read-only, to be made writable again before they are removed.
struct Unwritable(Vec<(PathBuf, Permissions)>);

impl Unwritable {
    fn make(place: &Place) -> Outcome<Self> {
        let mut paths: Vec<PathBuf> =
            place.files()?.into_iter().map(|file| place.folder().join(file)).collect();
        let folders: BTreeSet<PathBuf> = paths
            .iter()
            .flat_map(|file| file.ancestors().skip(1))
            .filter(|folder| folder.starts_with(place.folder()))
            .map(PathBuf::from)
            .collect();
        paths.extend(folders);
        let mut before = Vec::new();
        for path in paths {
            let change = || {
                let permissions = std::fs::metadata(&path)?.permissions();
                let mut fewer = permissions.clone();
                fewer.set_readonly(true);
                std::fs::set_permissions(&path, fewer)?;
                Ok(permissions)
            };
            let permissions = change().map_err(|error| trouble("make a file read-only", error))?;
            before.push((path, permissions));
        }
        Ok(Self(before))
    }

    fn undo(self) {
        for (path, permissions) in self.0.into_iter().rev() {
            // At worst the temporary folder stays.
            let _ = std::fs::set_permissions(path, permissions);
        }
    }
}

pub async fn a_path_below_a_file_is_an_error(lab: &Lab) -> Outcome {
    let place = lab.place();
    if place.path().is_none() {
        return lab.not_applicable("the backend takes no path");
    }
    std::fs::write(place.folder(), "a file").map_err(|error| trouble("write a file", error))?;
    for mode in [OpenMode::Create, OpenMode::Existing, OpenMode::ReadOnly] {
        let refused = place.open(mode).await.map(drop);
        let seen = format!("{refused:?}");
        demand("a path that cannot be is refused", refused.is_err(), &seen)?;
        demand(
            "a path that cannot be is no damage of a store, and no fault of the backend",
            refused.is_err_and(|error| {
                !matches!(error.kind(), ErrorKind::Internal | ErrorKind::Closed | ErrorKind::Poisoned)
            }),
            &seen,
        )?;
    }
    let after = std::fs::read(place.folder()).map_err(|error| trouble("read a file", error))?;
    demand_equal("what is in the way stays", &after.as_slice(), &b"a file".as_slice())
}

pub async fn what_lies_where_the_store_would_be_is_left_alone(lab: &Lab) -> Outcome {
    let Some(store) = closed_store(lab).await? else { return lab.not_applicable(NO_FILES) };
    let Some(path) = store.path() else { return lab.not_applicable("the backend takes no path") };
    let place = lab.place();
    let Some(other) = place.path() else { return lab.not_applicable("the backend takes no path") };
    let is_folder = path.is_dir();
    // A folder with something in it where a file is meant, a file where a folder is meant.
    let note = if is_folder { other.clone() } else { other.join("note") };
    let make = || {
        std::fs::create_dir_all(note.parent().unwrap_or(&other))?;
        std::fs::write(&note, "somebody's")
    };
    make().map_err(|error| trouble("write a file", error))?;
    for mode in [OpenMode::Create, OpenMode::Existing, OpenMode::ReadOnly] {
        let refused = place.open(mode).await.map(drop);
        demand("something else where the store would be is refused", refused.is_err(), &refused)?;
        let after = std::fs::read(&note).map_err(|error| trouble("read a file", error))?;
        demand_equal("and it stays as it is", &after.as_slice(), &b"somebody's".as_slice())?;
    }
    Ok(())
}

pub async fn a_folder_of_other_files_is_refused(lab: &Lab) -> Outcome {
    let Some(store) = closed_store(lab).await? else { return lab.not_applicable(NO_FILES) };
    if !store.path().is_some_and(|path| path.is_dir()) {
        return lab.not_applicable("the store is not a folder");
    }
    let place = lab.place();
    let Some(folder) = place.path() else { return lab.not_applicable("the backend takes no path") };
    let make = || {
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("letter.txt"), "somebody's")
    };
    make().map_err(|error| trouble("write a file", error))?;
    let before = place.bytes()?;
    for mode in [OpenMode::Create, OpenMode::Existing, OpenMode::ReadOnly] {
        let refused = place.open(mode).await.map(drop);
        demand(
            "a folder that holds somebody's files and no store is `corruption`, or `not found` where nothing is to be made",
            refused.as_ref().is_err_and(|error| {
                error.kind() == ErrorKind::Corruption
                    || (error.kind() == ErrorKind::NotFound && mode != OpenMode::Create)
            }),
            (mode, &refused),
        )?;
        let added: Vec<_> = place.bytes()?.into_keys().filter(|file| !before.contains_key(file)).collect();
        demand("nothing is left among somebody's files", added.is_empty(), &added)?;
    }
    demand_equal("somebody's files stay as they are", &(place.bytes()? == before), &true)
}

#[cfg(not(unix))]
pub async fn files_are_for_their_owner_only(lab: &Lab) -> Outcome {
    lab.not_applicable("this system has no permissions of this kind")
}

#[cfg(unix)]
pub async fn files_are_for_their_owner_only(lab: &Lab) -> Outcome {
    use std::os::unix::fs::PermissionsExt;
    let place = lab.place();
    let store = place.open(OpenMode::Create).await?;
    for number in 0..5 {
        store.apply(batch(number)?).await?;
    }
    if !lab.claims().persistent() || place.is_untouched() {
        return lab.not_applicable(NO_FILES);
    }
    let is_private = |path: &std::path::Path| {
        std::fs::symlink_metadata(path).is_ok_and(|about| about.permissions().mode() % 0o100 == 0)
    };
    for file in place.files()? {
        let path = place.folder().join(&file);
        // A private folder on the way is as good.
        let ways = path.ancestors().take_while(|on_the_way| on_the_way.starts_with(place.folder()));
        demand(
            "nobody but the owner can read the files of a store: they or a folder of the store are private",
            ways.into_iter().any(is_private),
            &file,
        )?;
    }
    Ok(store.close().await?)
}

pub async fn missing_folders_are_made(lab: &Lab) -> Outcome {
    let Some(path) = lab.place().path() else { return lab.not_applicable("the backend takes no path") };
    let Some(spec) = lab.descriptor().option_specs().iter().find(|spec| spec.kind() == OptionKind::Path)
    else {
        return lab.not_applicable("the backend takes no path");
    };
    let name = path.file_name().map(PathBuf::from).unwrap_or_default();
    let place = lab.place();
    let deep = place.folder().join("a/b c/\u{fc}").join(name);
    let options = place.options().with(spec.name(), deep.display().to_string());
    let store = place.open_with(options.clone(), OpenMode::Create).await?;
    store.apply(batch(0)?).await?;
    store.close().await?;
    if lab.claims().persistent() {
        let again = place.open_with(options, OpenMode::Existing).await?;
        demand_equal(
            "a store in folders that were missing is there again",
            &count_batches(&*again).await?,
            &1,
        )?;
        again.close().await?;
    }
    Ok(())
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
