//! What a crash left at the end of a file, and what is written behind it.

use codestrata_core::{DamageDetection, ErrorKind, OpenMode};

use crate::Lab;
use crate::child::Child;
use crate::lab::{entries, everything, puts};
use crate::place::write_files;
use crate::violation::{Outcome, Violation, demand_equal};

pub async fn what_is_written_after_a_torn_end_stays(lab: &Lab) -> Outcome {
    if !lab.claims().persistent() || lab.claims().damage_detection() != DamageDetection::OnRead {
        return lab.not_applicable("the backend does not claim to notice on reading what a file has lost");
    }
    let place = lab.place();
    let mut child = Child::start(&place, "script synced=0..8 delete=3")?;
    child.until("ready").await?;
    child.kill().await?;
    let files = place.bytes()?;
    for (file, bytes) in &files {
        for lost in [1, 2, 7, 16, 33].into_iter().filter(|lost| *lost < bytes.len()) {
            let mut torn = files.clone();
            torn.insert(file.clone(), bytes.get(..bytes.len() - lost).unwrap_or_default().to_vec());
            let image = lab.place();
            write_files(image.folder(), &torn)?;
            let store = match image.open(OpenMode::Existing).await {
                Ok(store) => store,
                // It may say that this is damage, and not the end of an unfinished write.
                Err(error) if matches!(error.kind(), ErrorKind::Corruption | ErrorKind::NotFound) => continue,
                Err(error) => {
                    let seen = format!("{}: {error}", error.kind());
                    return Err(Violation::new("a torn end is damage, or is cut", seen));
                }
            };
            let mut expected = everything(&*store).await?;
            let written = [("\u{fe}after", "the end was torn"), ("\u{fe}after that", "")];
            for entry in written {
                store.apply(puts(&[entry])?).await?;
            }
            expected.extend(entries(&written));
            expected.sort();
            demand_equal("a store whose end was torn goes on", &everything(&*store).await?, &expected)?;
            store.close().await?;
            drop(store);
            let again = image.open(OpenMode::Existing).await.map_err(|error| {
                let demand = "a store that was opened with a torn end opens again";
                Violation::new(
                    demand,
                    format!("{}: {error}, after {lost} bytes of {} were lost", error.kind(), file.display()),
                )
            })?;
            demand_equal("what was written behind a torn end stays", &everything(&*again).await?, &expected)?;
            again.close().await?;
        }
    }
    Ok(())
}
