//! Every method of the seam goes through every layer as itself, those with defaults included.
//!
//! A layer that forgets a method with a default still compiles, and quietly takes the default for what the engine can do.
//! So a backend that counts its calls stands below each layer, and its list of methods is compared with the traits.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use codestrata::layers::{
    FaultPlan, Faulty, Layers, Metered, Packed, ReadOnly, RetryPolicy, Retrying, TimeLimited, TimeLimits,
    Traced,
};
use codestrata::{Compression, ErrorKind};
use codestrata_core::{
    Backend, Batch, Bytes, Capabilities, Key, KeyRange, Page, ReadView, Result, ScanRequest, Stats,
    async_trait,
};

type Counts = Arc<Mutex<BTreeMap<&'static str, usize>>>;

/// Declares a backend that overrides all methods and counts their calls, and the list of their names.
macro_rules! recording {
    (
        view { $(async fn $read:ident($($read_arg:ident: $read_type:ty),*) -> $read_answer:ty { $read_value:expr })* }
        backend { $(async fn $call:ident($($arg:ident: $arg_type:ty),*) -> $answer:ty { $value:expr })* }
    ) => {
        const READS: &[&str] = &[$(stringify!($read)),*];
        const CALLS: &[&str] = &[$(stringify!($call)),*];

        #[async_trait]
        impl ReadView for Recording {
            $(async fn $read(&self, $($read_arg: $read_type),*) -> Result<$read_answer> {
                $(let _ = $read_arg;)*
                self.count(stringify!($read));
                Ok($read_value)
            })*
        }

        #[async_trait]
        impl Backend for Recording {
            fn capabilities(&self) -> &Capabilities {
                self.count("capabilities");
                &self.capabilities
            }

            fn revision(&self) -> Option<u64> {
                // A figure that no default has.
                Some(4_711)
            }

            $(async fn $call(&self, $($arg: $arg_type),*) -> Result<$answer> {
                $(let _ = $arg;)*
                self.count(stringify!($call));
                let value: fn(&Self) -> $answer = $value;
                Ok(value(self))
            })*
        }
    };
}

#[derive(Clone)]
struct Recording {
    counts: Counts,
    capabilities: Capabilities,
}

recording! {
    view {
        async fn get_many(keys: &[Key]) -> Vec<Option<Bytes>> { vec![None; keys.len()] }
        async fn scan(request: &ScanRequest) -> Page { Page::default() }
        async fn scan_many(requests: &[ScanRequest]) -> Vec<Page> { vec![Page::default(); requests.len()] }
        async fn get(key: &Key) -> Option<Bytes> { None }
    }
    backend {
        async fn apply(batch: Batch) -> () { |_| () }
        async fn snapshot() -> Box<dyn ReadView> { |own| Box::new(own.clone()) }
        async fn flush() -> () { |_| () }
        async fn close() -> () { |_| () }
        async fn stats() -> Stats { |_| Stats::default() }
        async fn compact() -> () { |_| () }
        async fn verify() -> () { |_| () }
    }
}

impl Recording {
    fn new() -> Self {
        // Figures that no default has.
        let capabilities = Capabilities::minimal()
            .with_snapshots(Some(Duration::from_secs(77)))
            .with_several_writers()
            .with_max_value_bytes(12_345);
        Self { counts: Counts::default(), capabilities }
    }

    fn count(&self, method: &'static str) {
        *self.counts.lock().unwrap().entry(method).or_default() += 1;
    }
}

/// What was called since the last time.
fn taken(counts: &Counts) -> BTreeMap<&'static str, usize> {
    let mut calls = std::mem::take(&mut *counts.lock().unwrap());
    // Asking what a store can do is free, and some layers do.
    calls.remove("capabilities");
    calls
}

/// A layer with its name, which is that of its file.
type Layer = (&'static str, fn(Arc<dyn Backend>) -> Arc<dyn Backend>);

const LAYERS: &[Layer] = &[
    ("faulty", |below| Arc::new(Faulty::new(below, FaultPlan::seeded(1)))),
    ("metered", |below| Arc::new(Metered::new(below, "recording"))),
    ("packed", |below| Arc::new(Packed::new(below, Compression::Lz4))),
    ("read_only", |below| Arc::new(ReadOnly::new(below, "recording"))),
    ("retrying", |below| Arc::new(Retrying::new(below, "recording", RetryPolicy::retries(3)))),
    ("time_limited", |below| {
        Arc::new(TimeLimited::new(below, "recording", TimeLimits::of(Duration::from_secs(300))))
    }),
    ("traced", |below| Arc::new(Traced::new(below, "recording"))),
];

async fn read(view: &dyn ReadView, method: &str) {
    let (key, all) = (Key::new("k").unwrap(), ScanRequest::new(KeyRange::all()));
    match method {
        "get" => drop(view.get(&key).await.unwrap()),
        "get_many" => assert_eq!(view.get_many(&[key.clone(), key]).await.unwrap().len(), 2),
        "scan" => drop(view.scan(&all).await.unwrap()),
        "scan_many" => assert_eq!(view.scan_many(&[all.clone(), all]).await.unwrap().len(), 2),
        unknown => panic!("no test calls the read `{unknown}`"),
    }
}

async fn call(store: &dyn Backend, method: &str) -> Result<()> {
    match method {
        "apply" => store.apply(Batch::new().delete(Key::new("k").unwrap())).await,
        "snapshot" => store.snapshot().await.map(drop),
        "flush" => store.flush().await,
        "close" => store.close().await,
        "stats" => store.stats().await.map(drop),
        "compact" => store.compact().await,
        "verify" => store.verify().await,
        unknown => panic!("no test calls `{unknown}`"),
    }
}

#[tokio::test]
async fn each_method_goes_through_each_layer_once_and_as_itself() {
    for (layer, wrap) in LAYERS {
        let recording = Recording::new();
        let counts = Arc::clone(&recording.counts);
        let expected = recording.capabilities;
        let store = wrap(Arc::new(recording));
        assert_eq!((store.capabilities(), store.revision()), (&expected, Some(4_711)), "{layer}");
        taken(&counts);
        for method in READS {
            read(store.as_ref(), method).await;
            assert_eq!(taken(&counts), BTreeMap::from([(*method, 1)]), "{layer}");
        }
        let view = store.snapshot().await.unwrap();
        taken(&counts);
        for method in READS {
            read(view.as_ref(), method).await;
            assert_eq!(taken(&counts), BTreeMap::from([(*method, 1)]), "a snapshot of {layer}");
        }
        for method in CALLS {
            let answer = call(store.as_ref(), method).await;
            if *layer == "read_only" && ["apply", "compact"].contains(method) {
                assert_eq!(answer.unwrap_err().kind(), ErrorKind::ReadOnly);
                assert_eq!(taken(&counts).get(method), None, "{method} is not passed on");
            } else {
                answer.unwrap();
                assert_eq!(taken(&counts), BTreeMap::from([(*method, 1)]), "{layer}");
            }
        }
    }
}

#[tokio::test]
async fn a_stack_of_layers_passes_each_method_on_once() {
    let recording = Recording::new();
    let counts = Arc::clone(&recording.counts);
    let layers = Layers::named("recording").traced().metered().retries(RetryPolicy::retries(3));
    let store = layers.time_limit(TimeLimits::of(Duration::from_secs(300))).over(Arc::new(recording));
    for method in CALLS {
        taken(&counts);
        call(store.as_ref(), method).await.unwrap();
        assert_eq!(taken(&counts), BTreeMap::from([(*method, 1)]));
    }
}

/// The methods of a trait, from its source.
fn methods(source: &str, name: &str) -> Vec<String> {
    let start = source.find(&format!("pub trait {name}")).expect("the trait is where it was");
    let body = source.get(start..).and_then(|rest| rest.split("\n}").next()).unwrap();
    let names = body.lines().filter_map(|line| {
        let line = line.strip_prefix("    ")?;
        let signature = line.strip_prefix("async fn ").or_else(|| line.strip_prefix("fn "))?;
        signature.split(['(', '<']).next().map(str::to_owned)
    });
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

fn sorted(names: &[&str]) -> Vec<String> {
    let mut names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    names.sort();
    names
}

fn source(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

#[test]
fn the_counting_backend_knows_every_method_of_the_seam() {
    let seam = std::fs::read_to_string(source("../../core/src/backend.rs")).unwrap();
    assert_eq!(methods(&seam, "ReadView"), sorted(READS), "a read is not tried through the layers");
    let calls = [CALLS, &["capabilities", "revision"]].concat();
    assert_eq!(methods(&seam, "Backend"), sorted(&calls), "a call is not tried through the layers");
}

#[test]
fn every_layer_is_tried() {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(source("src/layers")).unwrap() {
        let path = entry.unwrap().path();
        if std::fs::read_to_string(&path).unwrap().contains("\nimpl Backend for ") {
            found.push(path.file_stem().unwrap().to_str().unwrap().to_owned());
        }
    }
    found.sort();
    let tried: Vec<&str> = LAYERS.iter().map(|(name, _)| *name).collect();
    assert_eq!(found, tried);
}
