//! The records of a graph from one store to another, page by page, so that each batch can be the last.

use codestrata_core::{Batch, Durability, Error, ErrorKind, Key, KeyRange, Op, Result, ScanRequest};

use super::CopyWatch;
use super::record::{Progress, Stage};
use super::source::Source;
use crate::graph::Engine;
use crate::keyspace;
use crate::limits::COPY_BATCH_BYTES;

/// Copies the tables of a graph, from where the record says. Whether it came to the end.
pub(super) async fn tables(
    source: &mut Source<'_>,
    progress: &mut Progress<'_>,
    watch: &dyn CopyWatch,
) -> Result<bool> {
    let from = keyspace::tables_of_graph(source.repo, source.head.space);
    let to = keyspace::tables_of_graph(progress.record.repo, progress.record.space);
    let tables = from.len();
    for ((number, from), to) in (0_u8..).zip(&from).zip(&to) {
        match progress.record.stage {
            Stage::Table(current) if current > number => continue,
            Stage::Table(_) => {}
            _ => return Ok(true),
        }
        if !table(source, progress, (from, to), watch).await? {
            return Ok(false);
        }
        progress.record.last.clear();
        let next = number + 1;
        progress.record.stage = if usize::from(next) < tables { Stage::Table(next) } else { Stage::Analyses };
        progress.save().await?;
    }
    Ok(true)
}

async fn table(
    source: &mut Source<'_>,
    progress: &mut Progress<'_>,
    (from, to): (&KeyRange, &KeyRange),
    watch: &dyn CopyWatch,
) -> Result<bool> {
    let (length, prefix) = (from.start().len(), to.start().clone());
    let mut request = ScanRequest::new(match progress.record.last.as_slice() {
        [] => from.clone(),
        last => from.after(&[from.start().as_ref(), last].concat()),
    })
    .max_bytes(COPY_BATCH_BYTES);
    let mut writer = Writer::new(progress);
    loop {
        let page = source.page(&request).await?;
        for (key, value) in page.iter_shared() {
            let rest = key.get(length..).unwrap_or_default();
            let key = Key::new([prefix.as_ref(), rest].concat())?;
            writer.put(key, value, rest).await?;
            if writer.is_empty() {
                watch.copied(writer.progress.record.records, writer.progress.record.bytes);
                if watch.is_stopped() {
                    return Ok(false);
                }
            }
        }
        match page.next() {
            Some(next) => request = request.over(next.clone()),
            None => break,
        }
    }
    writer.flush().await?;
    watch.copied(progress.record.records, progress.record.bytes);
    Ok(!watch.is_stopped())
}

/// Collects records into batches, each of which moves the record of the copy.
struct Writer<'p, 't> {
    progress: &'p mut Progress<'t>,
    batch: Batch,
    limit: usize,
}

impl<'p, 't> Writer<'p, 't> {
    fn new(progress: &'p mut Progress<'t>) -> Self {
        let limit = batch_bytes(progress.target);
        Self { progress, batch: empty(), limit }
    }

    fn is_empty(&self) -> bool {
        self.batch.is_empty()
    }

    async fn put(&mut self, key: Key, value: codestrata_core::Bytes, rest: &[u8]) -> Result<()> {
        let record = &mut self.progress.record;
        record.records += 1;
        record.bytes += u64::try_from(rest.len() + value.len()).unwrap_or(u64::MAX);
        record.last.clear();
        record.last.extend_from_slice(rest);
        self.batch.add(Op::Put(key, value));
        if self.batch.byte_size() >= self.limit { self.flush().await } else { Ok(()) }
    }

    async fn flush(&mut self) -> Result<()> {
        let mut batch = std::mem::replace(&mut self.batch, empty());
        if batch.is_empty() {
            return Ok(());
        }
        let bytes = self.progress.move_in(&mut batch)?;
        let target = self.progress.target;
        target.backend.apply(batch).await.map_err(|error| explained(target, error))?;
        self.progress.moved(bytes);
        Ok(())
    }
}

fn empty() -> Batch {
    Batch::new().durability(Durability::Buffered)
}

/// How large a batch may become before it is written.
fn batch_bytes(target: &Engine) -> usize {
    COPY_BATCH_BYTES.min(target.backend.capabilities().max_batch_bytes() / 4)
}

/// What the target answers, with what may be done about it.
pub(super) fn explained(target: &Engine, error: Error) -> Error {
    match error.kind() {
        ErrorKind::TooLarge => {
            let most = target.backend.capabilities().max_value_bytes();
            error
                .context("the target's engine does not take a record of the source")
                .with_help(format!("its values have at most {most} bytes; choose another engine"))
        }
        ErrorKind::PreconditionFailed => {
            Error::new(ErrorKind::Conflict, "another copy of the repository is under way in the target")
                .with_help("wait for it, or end it, and copy again")
                .with_source(error)
        }
        _ => error,
    }
}
