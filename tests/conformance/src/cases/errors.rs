//! Errors: of the right kind, with words for people, and without secrets.

use std::error::Error as _;

use codestrata_core::{
    Batch, Error, ErrorKind, KeyRange, OpenMode, OptionKind, OptionValue, Options, ScanRequest,
};

use crate::Lab;
use crate::lab::{key, puts};
use crate::violation::{Outcome, Violation, demand, demand_error};

pub async fn an_error_of_opening_names_the_store(lab: &Lab) -> Outcome {
    let place = lab.place();
    let Some(path) = place.path() else { return lab.not_applicable("the backend takes no path") };
    for mode in [OpenMode::Existing, OpenMode::ReadOnly] {
        let error =
            demand_error("a store that is not there", place.open(mode).await.map(drop), ErrorKind::NotFound)?;
        let text = error.to_string();
        demand(
            "the error of a missing store names its path",
            text.contains(&*path.to_string_lossy()),
            &text,
        )?;
    }
    if lab.claims().persistent() && !lab.claims().several_writers() {
        let first = place.open(OpenMode::Create).await?;
        first.apply(puts(&[("k", "1")])?).await?;
        let error =
            demand_error("a second writer", place.open(OpenMode::Create).await.map(drop), ErrorKind::Locked)?;
        let text = error.to_string();
        demand("the error of a locked store names its path", text.contains(&*path.to_string_lossy()), &text)?;
    }
    Ok(())
}

pub async fn retryable_errors_promise_that_nothing_was_applied(lab: &Lab) -> Outcome {
    let store = lab.store_with(&[(b"k", b"1")]).await?;
    let limit = lab.claims().max_value_bytes();
    let refused = [
        store.apply(puts(&[("k", "2")])?.require_absent(key("k")?)).await,
        store.apply(Batch::new().put(key("k")?, vec![0; limit + 1])).await,
    ];
    for error in refused.into_iter().filter_map(Result::err) {
        let kind = error.kind();
        demand(
            "a batch that can never succeed as it is written is not said to be worth another try",
            !kind.is_retryable(),
            kind,
        )?;
    }
    Ok(())
}

pub async fn errors_have_words_of_their_own(lab: &Lab) -> Outcome {
    let place = lab.place();
    let store = place.open(OpenMode::Create).await?;
    store.apply(puts(&[("k", "1")])?).await?;
    let mut errors = vec![
        store.apply(Batch::new().require_absent(key("k")?)).await.err(),
        store.apply(Batch::new().put(key("k")?, vec![0; lab.claims().max_value_bytes() + 1])).await.err(),
        store.get_many(&vec![key("k")?; codestrata_core::limits::MAX_GET_KEYS + 1]).await.err(),
        lab.place().open(OpenMode::Existing).await.err(),
    ];
    store.close().await?;
    errors.push(store.get(&key("k")?).await.err());
    errors.push(store.scan(&ScanRequest::new(KeyRange::all())).await.err());
    for error in errors.into_iter().flatten() {
        let text = error.message();
        demand("a message says what happened", text.trim().len() > 5 && text.trim() == text, text)?;
        demand(
            "a message has no full stop and no line of its own",
            !text.ends_with('.') && !text.contains('\n'),
            text,
        )?;
        demand("the shown text begins with the message", error.to_string().starts_with(text), &error)?;
    }
    Ok(())
}

pub async fn an_option_of_another_type_is_refused(lab: &Lab) -> Outcome {
    for spec in lab.descriptor().option_specs() {
        let wrong: OptionValue = match spec.kind() {
            OptionKind::Boolean => OptionValue::Text("perhaps".to_owned()),
            OptionKind::Text | OptionKind::Path => OptionValue::Integer(7),
            _ => OptionValue::Boolean(true),
        };
        let place = lab.place();
        let result = place.open_with(place.options().with(spec.name(), wrong), OpenMode::Create).await;
        let error = demand_error(
            &format!("`{}` of another type", spec.name()),
            result.map(drop),
            ErrorKind::InvalidConfig,
        )?;
        demand("the error names the option", error.option() == Some(spec.name()), &error)?;
        demand("nothing is made", place.is_untouched(), place.folder())?;
    }
    Ok(())
}

pub async fn a_missing_option_is_refused(lab: &Lab) -> Outcome {
    let required: Vec<_> = lab.descriptor().option_specs().iter().filter(|spec| spec.is_required()).collect();
    if required.is_empty() {
        return lab.not_applicable("no option is required");
    }
    let result = lab.place().open_with(Options::new(), OpenMode::Create).await;
    let error = demand_error("no options at all", result.map(drop), ErrorKind::InvalidConfig)?;
    let text = error.to_string();
    demand(
        "the error names one that is missing",
        required.iter().any(|spec| text.contains(spec.name())),
        &text,
    )
}

pub async fn extreme_options_work_or_are_refused(lab: &Lab) -> Outcome {
    for spec in lab.descriptor().option_specs() {
        let extremes: Vec<OptionValue> = match spec.kind() {
            OptionKind::Integer => [i64::MIN, -1, 0, i64::MAX].map(OptionValue::Integer).to_vec(),
            OptionKind::ByteSize => [-1, 0, 1].map(OptionValue::Integer).to_vec(),
            OptionKind::Duration => ["0s", "1ns"].map(|text| OptionValue::Text(text.to_owned())).to_vec(),
            OptionKind::Text | OptionKind::Path => {
                ["", "\0", "\u{FFFD}"].map(|text| OptionValue::Text(text.to_owned())).to_vec()
            }
            _ => Vec::new(),
        };
        for (number, value) in extremes.into_iter().enumerate() {
            // A path that is empty, or only a name, lies where the suite has no business.
            let is_elsewhere = matches!(&value, OptionValue::Text(text) if !text.contains('\0'));
            if spec.kind() == OptionKind::Path && is_elsewhere {
                continue;
            }
            let place = lab.place();
            match place.open_with(place.options().with(spec.name(), value), OpenMode::Create).await {
                Ok(store) => {
                    store.apply(puts(&[("k", "1")])?).await?;
                    store.close().await?;
                }
                Err(error) if error.kind() == ErrorKind::InvalidConfig => {
                    demand("the error names the option", error.option() == Some(spec.name()), &error)?;
                }
                Err(error) => {
                    let demand = format!(
                        "extreme {number} of `{}` works, or is the error `invalid configuration`",
                        spec.name()
                    );
                    return Err(Violation::new(demand, format!("{}: {error}", error.kind())));
                }
            }
        }
    }
    Ok(())
}

/// An error and all its sources, as shown and as debugged.
fn all_texts(error: &Error) -> String {
    let mut texts = vec![format!("{error} {error:?}")];
    let mut source = error.source();
    while let Some(one) = source {
        texts.push(format!("{one} {one:?}"));
        source = one.source();
    }
    texts.join(" ")
}

pub async fn secrets_are_not_shown(lab: &Lab) -> Outcome {
    const SECRET: &str = "correct-horse-battery-staple";
    let secret: Vec<_> = lab.descriptor().option_specs().iter().filter(|spec| spec.is_secret()).collect();
    if secret.is_empty() {
        return lab.not_applicable("no option is secret");
    }
    for spec in secret {
        let place = lab.place();
        let options = place.options().with(spec.name(), SECRET);
        let shown = format!("{options:?}");
        demand("the options do not show a secret", !shown.contains(SECRET), &shown)?;
        for mode in [OpenMode::Existing, OpenMode::Create] {
            if let Err(error) = place.open_with(options.clone(), mode).await {
                let text = all_texts(&error);
                demand("no error shows a secret", !text.contains(SECRET), &text)?;
            }
        }
        let typo = options.with("no-such-option", SECRET);
        if let Err(error) = place.open_with(typo, OpenMode::Create).await {
            let text = all_texts(&error);
            demand("no error shows the value of an option", !text.contains(SECRET), &text)?;
        }
    }
    Ok(())
}
