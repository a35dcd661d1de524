//! Opening stores whose files were changed, in a process that may be lost over it.

use codestrata_core::{Backend, DamageDetection, Error, ErrorKind, KeyRange, OpenMode, ScanRequest};

use crate::cases::damage::{states, what_is};
use crate::child::{Stage, say};
use crate::lab::Entries;
use crate::place::Place;
use crate::violation::{Outcome, Violation};

/// What a damaged store gave.
enum Found {
    Entries(Entries),
    Refused(Error),
    // An opening that does not say which store is damaged.
    Nameless(String),
}

/// Opens every image in turn. The words are how many there are, and what they may hold: `same` for what was
/// written, `earlier` for a state that the store once had.
pub(super) async fn open_images(stage: Stage) -> Outcome {
    let detection = stage.place.factory().descriptor().declared_capabilities().damage_detection();
    let allowed = states();
    let allowed = match stage.word(1) {
        "same" | "flipped" => allowed.last().map(std::slice::from_ref).unwrap_or_default(),
        _ => &allowed,
    };
    for number in 0..stage.number(0) {
        // The last one said is the one that a crash or a violation is about.
        say(number);
        let image = Place::new(stage.place.factory().clone(), stage.place.folder().join(number.to_string()));
        match read(&image, detection).await {
            Found::Refused(error) => {
                demand_refusal(&error, detection)?;
                // Every file is there, so the store is.
                if stage.word(1) == "flipped" && error.kind() == ErrorKind::NotFound {
                    let seen = format!("`{}`: {error}", error.kind());
                    return Err(Violation::new("a damaged store is there, and damaged", seen));
                }
            }
            Found::Nameless(seen) => {
                return Err(Violation::new("an opening that meets damage says where", seen));
            }
            Found::Entries(entries) if detection == DamageDetection::None || allowed.contains(&entries) => {}
            Found::Entries(entries) => {
                let demand = "damage is noticed, or what is read is what was written";
                return Err(Violation::new(demand, what_is(&entries)));
            }
        }
    }
    if let Some(peak) = peak_memory() {
        say(format_args!("peak {peak}"));
    }
    Ok(())
}

fn demand_refusal(error: &Error, detection: DamageDetection) -> Outcome {
    // `NotFound` where what was taken away is the store itself. Who does not detect damage may take a version that was
    // changed for a later one.
    let is_taken_for_newer = error.kind() == ErrorKind::InvalidConfig && detection == DamageDetection::None;
    if is_taken_for_newer || matches!(error.kind(), ErrorKind::Corruption | ErrorKind::NotFound) {
        return Ok(());
    }
    Err(Violation::new("damage is the error `corruption`", format!("`{}`: {error}", error.kind())))
}

async fn read(image: &Place, detection: DamageDetection) -> Found {
    let store = match image.open(OpenMode::Existing).await {
        Ok(store) => store,
        Err(error) => {
            let folder = image.folder().display().to_string();
            if error.kind() == ErrorKind::Corruption && !error.to_string().contains(&folder) {
                let nameless = format!("{error}");
                return Found::Nameless(nameless);
            }
            return Found::Refused(error);
        }
    };
    let verified = if detection == DamageDetection::OnVerify { store.verify().await } else { Ok(()) };
    let found = match verified {
        Err(error) if error.kind() != ErrorKind::Unsupported => Found::Refused(error),
        _ => match entries(&*store).await {
            Ok(entries) => Found::Entries(entries),
            Err(error) => Found::Refused(error),
        },
    };
    match (store.close().await, found) {
        (Err(error), Found::Entries(_)) => Found::Refused(error),
        (_, found) => found,
    }
}

/// Everything, as the backend's own error where it gives one.
async fn entries(store: &dyn Backend) -> Result<Entries, Error> {
    let mut found = Entries::new();
    let mut request = ScanRequest::new(KeyRange::all());
    loop {
        let page = store.scan(&request).await?;
        found.extend(page.iter_shared());
        match page.next() {
            Some(next) if !page.is_empty() => request = request.over(next.clone()),
            _ => return Ok(found),
        }
    }
}

/// The most memory that this process had, in bytes, where the system says.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}
