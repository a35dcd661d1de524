use std::collections::BTreeMap;

use codestrata_backend_memory::backend::MemoryBackend;
use codestrata_core::{Backend, Batch, Op};
use tokio::sync::mpsc;

use super::*;
use crate::blocking::both;
use crate::keyspace;
use crate::limits::MAX_LINKED_STEPS;
use crate::model::{
    Attributes, Export, ExportTarget, FileFacts, Import, ImportedName, ModuleFacts, Node, Reference, Root,
    Span, Target,
};
use crate::segment::PreparedFile;

const PACKING: Packing = Packing { compression: Compression::None, is_compared: false };

/// A file that gives on what it imports of the next one, and calls that.
fn file(number: usize, count: usize) -> PreparedFile {
    let path = format!("{number:05}.py");
    let next = format!("{:05}", (number + 1) % count);
    let stem = format!("{number:05}");
    let target = match number % 64 {
        63 => ExportTarget::Node(0),
        _ => ExportTarget::Import(0),
    };
    let facts = FileFacts {
        nodes: vec![Node::new(format!("{path}::f"), "f", "function", path.as_str(), Span::default())],
        imports: vec![Import {
            candidates: vec![next.clone()],
            module: next,
            name: ImportedName::Name("f".to_owned()),
        }],
        exports: vec![Export { name: "f".to_owned(), target }],
        references: vec![Reference {
            source: 0,
            kind: "calls".into(),
            span: Span::default(),
            target: Target::Path(Root::Import(0), Vec::new()),
            attributes: Attributes::new(),
        }],
        module: Some(ModuleFacts { stem, ..ModuleFacts::default() }),
        path,
        ..FileFacts::default()
    };
    PreparedFile::new(&facts).unwrap()
}

fn files(count: usize) -> Vec<PreparedFile> {
    (0..count).map(|number| file(number, count)).collect()
}

async fn stored(files: &[PreparedFile]) -> StoredSegments {
    let backend: Arc<dyn Backend> = Arc::new(MemoryBackend::new());
    let mut batch = Batch::new();
    for file in files {
        let record = file.record(Compression::None).unwrap();
        batch.add(Op::Put(keyspace::segment(1, file.name()).unwrap(), record));
    }
    backend.apply(batch).await.unwrap();
    StoredSegments { backend, repo: 1, repo_id: "r".into() }
}

/// What linking makes: the entry and the links of each file, and its terms.
type Made = (BTreeMap<FileOrd, (Bytes, Bytes)>, TermsOfFiles);

/// Links files, and says what the shelf weighed at its most after a step.
async fn linked(
    files: &[PreparedFile],
    stored: &StoredSegments,
    shelf: SegmentShelf,
) -> Result<(Made, usize)> {
    let files: Arc<[BulkFile]> = files.iter().map(BulkFile::from).collect();
    let (to_write, mut written) = mpsc::channel(1);
    let linking = link_all(&files, shelf, stored, PACKING, to_write);
    let writing = async {
        let mut all = BTreeMap::new();
        while let Some(step) = written.recv().await {
            all.extend(step.into_iter().map(|file| (file.ordinal, (file.entry, file.links))));
        }
        all
    };
    let (generation, all) = both(linking, writing).await;
    let Generation { facts, terms, .. } = generation?;
    Ok(((all, terms), facts.shelf.weight()))
}

fn given(files: &[PreparedFile]) -> SegmentShelf {
    SegmentShelf::new(files.iter().map(|file| Some(Arc::clone(file.segment()))), 0)
}

#[tokio::test]
async fn it_is_the_same_whatever_is_at_hand() {
    let files = files(3 * FILES_PER_STEP + 1);
    let stored = stored(&files).await;
    let ((made, terms), _) = linked(&files, &stored, given(&files)).await.unwrap();
    assert_eq!(made.len(), files.len());
    let weight: usize = files.iter().map(|file| file.segment().weight()).sum();
    let some = |nth: usize| {
        files
            .iter()
            .enumerate()
            .map(move |(place, file)| (place % nth == 0).then(|| Arc::clone(file.segment())))
    };
    for budget in [0, weight / 10, weight] {
        for nth in [2, usize::MAX] {
            let shelf = SegmentShelf::new(some(nth), budget);
            let ((other, other_terms), left) = linked(&files, &stored, shelf).await.unwrap();
            assert!(other == made && other_terms == terms, "{budget} bytes, one of {nth} at hand");
            assert!(left <= budget, "{left} of {budget} bytes");
        }
    }
}

#[test]
fn it_is_the_same_where_there_is_no_tokio() {
    let files = files(FILES_PER_STEP + 1);
    let with = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (stored, one) = with.block_on(async {
        let stored = stored(&files).await;
        let one = linked(&files, &stored, SegmentShelf::new(files.iter().map(|_| None), 0)).await;
        (stored, one)
    });
    let mut other = std::pin::pin!(linked(&files, &stored, SegmentShelf::new(files.iter().map(|_| None), 0)));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let other = loop {
        if let std::task::Poll::Ready(other) = other.as_mut().poll(&mut context) {
            break other;
        }
    };
    assert!(one.unwrap() == other.unwrap());
}

#[tokio::test]
async fn a_segment_that_cannot_be_read_ends_it_with_that() {
    let files = files(FILES_PER_STEP + 2);
    for missing in [0, FILES_PER_STEP + 1] {
        let mut stored_files = files.clone();
        stored_files.remove(missing);
        let stored = stored(&stored_files).await;
        let shelf = SegmentShelf::new(files.iter().map(|_| None), 0);
        let error = linked(&files, &stored, shelf).await.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Corruption, "{error}");
    }
}

#[tokio::test]
async fn it_ends_where_nobody_writes() {
    let files = files(1);
    let (to_write, written) = mpsc::channel(MAX_LINKED_STEPS);
    drop(written);
    let stored = stored(&files).await;
    let all: Arc<[BulkFile]> = files.iter().map(BulkFile::from).collect();
    let stopped = link_all(&all, given(&files), &stored, PACKING, to_write).await;
    assert_eq!(stopped.err().map(|error| error.kind()), Some(ErrorKind::Internal));
}

#[test]
fn steps_are_all_files_and_none_is_too_large() {
    let file = |nodes| BulkFile { path: "".into(), hash: "".into(), name: 0, nodes };
    let many = u32::try_from(NODES_PER_STEP).unwrap();
    let lengths = |files: &[BulkFile]| -> Vec<usize> {
        let steps = steps(files);
        assert!(steps.windows(2).all(|pair| pair[0].end == pair[1].start));
        steps.iter().map(Range::len).collect()
    };
    assert!(steps(&[]).is_empty());
    assert_eq!(lengths(&vec![file(0); FILES_PER_STEP]), [512]);
    assert_eq!(lengths(&vec![file(0); FILES_PER_STEP + 1]), [512, 1]);
    assert_eq!(lengths(&[file(many / 2), file(many / 2)]), [2]);
    let large = [file(many / 2), file(many / 2 + 1), file(9 * many), file(0)];
    assert_eq!(lengths(&large), [1, 1, 1, 1]);
}
