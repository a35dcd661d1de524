//! Backends that are right in nearly everything: each has one fault that only shows at an edge, beside another call, or
//! to a caller who goes away. A case whose name says what is wrong must reject it, and pass the same backend without.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a helper that fails fails its test"
)]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use codestrata_backend_memory as memory;
use codestrata_conformance::{CASES, Factory, Violation, run};
use codestrata_core::{
    Backend, BackendDescriptor, Batch, Bytes, Capabilities, Direction, Error, ErrorKind, Key, KeyRange, Op,
    OpenFuture, OpenRequest, OptionKind, OptionSpec, Options, Page, PageBuilder, Precondition, ReadView,
    Result, ScanRequest, Stats, async_trait,
};

const OPTIONS: &[OptionSpec] =
    &[OptionSpec::new("fault", OptionKind::Text, "What is wrong with it.").required()];

const BROKEN: BackendDescriptor = BackendDescriptor::new("subtle", open)
    .summary("A map in memory with a fault")
    .crate_name("subtle", "1.0.0")
    .capabilities(memory::CAPABILITIES)
    .options(OPTIONS);

const SHORT_LIVED: Capabilities = Capabilities::minimal().with_snapshots(Some(Duration::from_secs(1)));

fn open(request: OpenRequest) -> OpenFuture {
    Box::pin(async move {
        let fault = request.options().text("fault")?.unwrap_or_default().to_owned();
        let mode = request.open_mode();
        let inner = memory::DESCRIPTOR.open(OpenRequest::new(Options::new()).mode(mode)).await?;
        let runtime = (fault == "owns a runtime").then(|| tokio::runtime::Runtime::new().unwrap());
        let opener = tokio::runtime::Handle::try_current().ok();
        let store: Arc<dyn Backend> = Arc::new(Subtle {
            inner,
            fault,
            _runtime: runtime,
            opener,
            counted: AtomicU32::new(0),
            closing: AtomicBool::new(false),
            asked: Mutex::default(),
            cursors: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        });
        Ok(store)
    })
}

struct Subtle {
    inner: Arc<dyn Backend>,
    fault: String,
    // Dropped in an async context, it panics.
    _runtime: Option<tokio::runtime::Runtime>,
    opener: Option<tokio::runtime::Handle>,
    counted: AtomicU32,
    closing: AtomicBool,
    asked: Mutex<Vec<Key>>,
    cursors: Mutex<BTreeMap<Vec<u8>, Arc<dyn ReadView>>>,
    turn: tokio::sync::Mutex<()>,
}

impl Subtle {
    fn has(&self, fault: &str) -> bool {
        self.fault == fault
    }

    async fn change(&self, op: Op) -> Result<Option<Op>> {
        Ok(Some(match op {
            Op::Put(_, value) if self.has("empty values are not put") && value.is_empty() => return Ok(None),
            Op::Put(key, _) if self.has("a key is reserved") && key.as_slice() == b"__head__" => {
                return Ok(None);
            }
            Op::Put(key, value)
                if self.has("zeros at the end of long keys are cut") && key.as_slice().len() > 32 =>
            {
                let kept = key.as_slice().iter().rposition(|byte| *byte != 0).map_or(32, |at| at + 1);
                Op::Put(Key::new(key.as_slice()[..kept].to_vec())?, value)
            }
            Op::Put(key, value) if self.has("long keys are cut to their first 1,000 bytes") => {
                let length = key.as_slice().len().min(1_000);
                Op::Put(Key::new(key.as_slice()[..length].to_vec())?, value)
            }
            Op::Put(key, value) if self.has("a value stands for a deletion") && value == "TOMBSTONE" => {
                Op::Delete(key)
            }
            Op::Put(key, value) if self.has("a length overflows") && value.len() == 16_384 => {
                Op::Put(key, value.slice(1..))
            }
            Op::Put(key, value) if self.has("the end of the old value stays") => {
                let old = self.inner.get(&key).await?.unwrap_or_default();
                let mut bytes = value.to_vec();
                if old.len() > 50_000 && bytes.len() < old.len() && !bytes.is_empty() {
                    bytes.extend_from_slice(&old[bytes.len()..]);
                }
                Op::Put(key, bytes.into())
            }
            other => other,
        }))
    }

    /// What a precondition is taken for.
    async fn weaken(&self, one: Precondition) -> Result<Option<Precondition>> {
        let Precondition::Equals(key, value) = &one else { return Ok(Some(one)) };
        if self.has("Equals looks at the first 4,096 bytes")
            && value.len() > 4_096
            && let Some(stored) = self.inner.get(key).await?
            && stored.len() == value.len()
            && stored[..4_096] == value[..4_096]
        {
            return Ok(None);
        }
        if self.has("Equals looks at the next key") {
            let range = KeyRange::new(key.clone().into_bytes(), None);
            let page = self.inner.scan(&ScanRequest::new(range).max_items(1)).await?;
            return Ok(match page.iter().next() {
                Some((_, stored)) if stored == value.as_ref() => None,
                _ => Some(one),
            });
        }
        Ok(Some(one))
    }
}

/// A view with faults of its own.
struct BrokenView {
    view: Box<dyn ReadView>,
    live: Arc<dyn Backend>,
    fault: String,
}

#[async_trait]
impl ReadView for BrokenView {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        if self.fault == "get_many of a snapshot sees the store" {
            return self.live.get_many(keys).await;
        }
        if self.fault == "a snapshot has no limits" {
            let mut values = Vec::new();
            for part in keys.chunks(1_000) {
                values.extend(self.view.get_many(part).await?);
            }
            return Ok(values);
        }
        self.view.get_many(keys).await
    }

    async fn scan(&self, request: &ScanRequest) -> Result<Page> {
        if self.fault == "later pages of a snapshot are of the store" && !request.range().start().is_empty() {
            return self.live.scan(request).await;
        }
        if self.fault == "a snapshot forgets the limit of bytes" {
            return self.view.scan(&request.clone().max_bytes(usize::MAX)).await;
        }
        self.view.scan(request).await
    }
}

#[async_trait]
impl ReadView for Subtle {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        let mut values = self.inner.get_many(keys).await?;
        if self.has("keys after the first 32,766 are missing") {
            values.iter_mut().skip(32_766).for_each(|value| *value = None);
        } else if self.has("readers share a place for their keys") && !keys.is_empty() {
            *self.asked.lock().unwrap() = keys.to_vec();
            tokio::task::yield_now().await;
            let asked = self.asked.lock().unwrap().clone();
            return self.inner.get_many(&asked).await;
        } else if self.has("get_many reads one key after the other") {
            for (value, key) in values.iter_mut().zip(keys) {
                tokio::task::yield_now().await;
                *value = self.inner.get(key).await?;
            }
        }
        Ok(values)
    }

    async fn get(&self, key: &Key) -> Result<Option<Bytes>> {
        let value = self.inner.get(key).await?;
        if self.has("get takes an empty value for none") {
            return Ok(value.filter(|value| !value.is_empty()));
        }
        Ok(value)
    }

    async fn scan(&self, request: &ScanRequest) -> Result<Page> {
        let bound = |bound: Option<&Bytes>| bound.is_some_and(|bound| bound.len() > 1_024);
        if self.has("a bound is a key")
            && (bound(Some(request.range().start())) || bound(request.range().end()))
        {
            return Err(Error::new(ErrorKind::TooLarge, "a bound is over 1,024 bytes"));
        }
        if self.has("values come in reverse")
            && request.is_keys_only()
            && request.direction() == Direction::Reverse
        {
            let full = ScanRequest::new(request.range().clone()).reverse().max_items(request.item_limit());
            return self.inner.scan(&full.max_bytes(request.byte_limit())).await;
        }
        if self.has("values that are left out fill the page") && request.is_keys_only() {
            let full = ScanRequest::new(request.range().clone())
                .max_items(request.item_limit())
                .max_bytes(request.byte_limit());
            let full = if request.direction() == Direction::Reverse { full.reverse() } else { full };
            let page = self.inner.scan(&full).await?;
            let mut keys = PageBuilder::new(request);
            let _ = page.iter().all(|(key, _)| keys.push(key, &[]));
            if page.next().is_some() {
                keys.more();
            }
            return Ok(keys.finish());
        }
        if self.has("a walk stays in the state of its first page") {
            let place = request.range().start().to_vec();
            let kept = self.cursors.lock().unwrap().remove(&place);
            let view = match kept {
                Some(view) => view,
                None => Arc::from(self.inner.snapshot().await?),
            };
            let page = view.scan(request).await?;
            if let Some(next) = page.next() {
                self.cursors.lock().unwrap().insert(next.start().to_vec(), view);
            }
            return Ok(page);
        }
        self.inner.scan(request).await
    }

    async fn scan_many(&self, requests: &[ScanRequest]) -> Result<Vec<Page>> {
        let pages = self.inner.scan_many(requests).await?;
        if !self.has("requests over one range share a page") {
            return Ok(pages);
        }
        let first =
            |request: &ScanRequest| requests.iter().position(|other| other.range() == request.range());
        Ok(requests.iter().map(|request| pages[first(request).unwrap()].clone()).collect())
    }
}

#[async_trait]
impl Backend for Subtle {
    fn capabilities(&self) -> &Capabilities {
        if self.has("snapshots never end") { &SHORT_LIVED } else { &memory::CAPABILITIES }
    }

    async fn apply(&self, batch: Batch) -> Result<()> {
        self.inner.apply(Batch::new()).await?;
        if self.has("the limit itself is too large")
            && batch.byte_size() >= memory::CAPABILITIES.max_batch_bytes()
        {
            return Err(Error::new(ErrorKind::TooLarge, "the batch is too large"));
        }
        batch.check(&memory::CAPABILITIES)?;
        let durability = batch.requested_durability();
        let (mut preconditions, mut ops) = batch.into_parts();
        if self.has("operations are sorted by their keys")
            && !ops.iter().any(|op| matches!(op, Op::DeleteRange(_)))
        {
            ops.sort_unstable_by_key(|op| match op {
                Op::Put(key, _) | Op::Delete(key) => key.clone(),
                Op::DeleteRange(_) => unreachable!(),
            });
        } else if self.has("the first 1,000 preconditions count") {
            preconditions.truncate(1_000);
        } else if self.has("preconditions are checked before the batch has its turn") {
            let mut questions = Batch::new();
            preconditions.drain(..).for_each(|one| questions.add_precondition(one));
            self.inner.apply(questions).await?;
            tokio::task::yield_now().await;
        } else if self.has("a dropped call gives its turn away") {
            // The turn is the future's; the work is not.
            let _turn = self.turn.lock().await;
            let mut questions = Batch::new();
            preconditions.drain(..).for_each(|one| questions.add_precondition(one));
            self.inner.apply(questions).await?;
            let mut rest = Batch::new().durability(durability);
            let steps = ops.len() as u64;
            for op in ops {
                rest.add(op);
            }
            let inner = Arc::clone(&self.inner);
            let (send, receive) = tokio::sync::oneshot::channel();
            std::thread::spawn(move || {
                // As long as it takes to write so much.
                std::thread::sleep(Duration::from_micros(steps * 5));
                let _ = send.send(codestrata_conformance::bare::block_on(inner.apply(rest)));
            });
            return receive.await.unwrap();
        } else if self.has("large batches go in by parts") && ops.len() > 1_000 {
            let rest = ops.split_off(1_000);
            let mut first = Batch::new();
            for op in std::mem::replace(&mut ops, rest) {
                first.add(op);
            }
            self.inner.apply(first).await?;
            tokio::task::yield_now().await;
        } else if self.has("tasks belong to the runtime that opened the store")
            && let Some(opener) = &self.opener
        {
            opener
                .spawn(async {})
                .await
                .map_err(|gone| Error::new(ErrorKind::Internal, "gone").with_source(gone))?;
        }
        let mut changed = Batch::new().durability(durability);
        for one in preconditions {
            if let Some(one) = self.weaken(one).await? {
                changed.add_precondition(one);
            }
        }
        for op in ops {
            if let Op::DeleteRange(range) = &op
                && self.has("a bound is a key")
                && (range.start().len() > 1_024 || range.end().is_some_and(|end| end.len() > 1_024))
            {
                return Err(Error::new(ErrorKind::TooLarge, "a bound is over 1,024 bytes"));
            }
            if let Some(op) = self.change(op).await? {
                changed.add(op);
            }
        }
        let result = self.inner.apply(changed).await;
        let refused = matches!(&result, Err(error) if error.kind() == ErrorKind::PreconditionFailed);
        if refused && self.has("a refused batch takes back the one before it") {
            self.inner.apply(Batch::new().delete(Key::new("k")?)).await?;
        }
        result
    }

    async fn snapshot(&self) -> Result<Box<dyn ReadView>> {
        if self.has("there are 126 places for snapshots in all")
            && self.counted.fetch_add(1, Ordering::Relaxed) > 126
        {
            return Err(Error::new(ErrorKind::Unavailable, "too many snapshots"));
        }
        let view = self.inner.snapshot().await?;
        Ok(Box::new(BrokenView { view, live: Arc::clone(&self.inner), fault: self.fault.clone() }))
    }

    async fn flush(&self) -> Result<()> {
        if self.has("a flush blocks") {
            std::thread::sleep(Duration::from_millis(60));
        }
        if self.has("nothing to flush is an error")
            && self.inner.scan(&ScanRequest::new(KeyRange::all())).await?.is_empty()
        {
            return Err(Error::new(ErrorKind::Internal, "there is nothing to flush"));
        }
        self.inner.flush().await
    }

    async fn close(&self) -> Result<()> {
        if self.has("a close that was begun cannot be repeated") {
            if self.closing.swap(true, Ordering::Relaxed) {
                return Err(Error::new(ErrorKind::Internal, "it is closing already"));
            }
            tokio::task::yield_now().await;
        }
        self.inner.close().await
    }

    async fn stats(&self) -> Result<Stats> {
        let mut stats = self.inner.stats().await?;
        if self.has("figures are never taken back") {
            let keys = u32::try_from(stats.keys.unwrap_or_default()).unwrap();
            stats.keys = Some(u64::from(self.counted.fetch_max(keys, Ordering::Relaxed).max(keys)));
        }
        Ok(stats)
    }
}

fn factory(descriptor: BackendDescriptor, fault: &'static str) -> Factory {
    Factory::new(descriptor, move |_| Options::new().with("fault", fault))
}

fn violation(descriptor: BackendDescriptor, fault: &'static str, case: &str) -> Violation {
    let case = CASES.iter().find(|one| one.to_string() == case).expect("there is no such case");
    run(&factory(BROKEN, "none"), case).expect("the case rejects a backend that is right");
    run(&factory(descriptor, fault), case).expect_err("the case lets a broken backend pass")
}

macro_rules! faults {
    ($($test:ident: $fault:literal => $($section:ident :: $case:ident),+;)*) => {
        $(
            #[test]
            fn $test() {
                for case in [$(concat!(stringify!($section), "::", stringify!($case))),+] {
                    violation(BROKEN, $fault, case);
                }
            }
        )*
    };
}

faults! {
    reserved_key: "a key is reserved" => keys::no_key_is_reserved;
    zeros_cut: "zeros at the end of long keys are cut" => keys::keys_of_every_length_differ;
    keys_cut: "long keys are cut to their first 1,000 bytes" => keys::long_keys_that_differ_in_one_byte_differ;
    tombstone: "a value stands for a deletion" => values::values_may_look_like_anything;
    length: "a length overflows" => values::values_of_unlike_sizes_live_side_by_side;
    old_tail: "the end of the old value stays" => values::replacing_a_value_leaves_nothing_of_the_old_one;
    many_keys: "keys after the first 32,766 are missing" => get_many::thousands_of_keys_each_have_their_answer;
    get_alone: "get takes an empty value for none" => get_many::get_agrees_with_get_many;
    long_bounds: "a bound is a key" => paging::a_scan_goes_on_after_the_longest_keys, deleting::bounds_longer_than_a_key_delete_too;
    reverse_values: "values come in reverse" => scan::every_shape_of_request_is_answered_right;
    shared_pages: "requests over one range share a page" => scan::each_of_many_requests_has_its_own_page;
    counted_values: "values that are left out fill the page" => paging::values_count_for_nothing_where_they_are_left_out;
    cursors: "a walk stays in the state of its first page" => paging::the_next_page_shows_what_was_written_meanwhile;
    exact_limit: "the limit itself is too large" => limits::the_bytes_of_preconditions_count;
    snapshot_limits: "a snapshot has no limits" => limits::a_snapshot_has_the_limits_of_the_store;
    taken_back: "a refused batch takes back the one before it" => limits::a_refused_batch_does_not_stand_in_the_way;
    unstable_sort: "operations are sorted by their keys" => deleting::many_changes_of_few_keys_keep_their_order;
    by_parts: "large batches go in by parts" => visibility::a_part_of_a_large_batch_is_never_seen;
    first_bytes: "Equals looks at the first 4,096 bytes" => preconditions::equals_compares_every_byte;
    next_key: "Equals looks at the next key" => preconditions::they_are_about_the_exact_key;
    first_thousand: "the first 1,000 preconditions count" => preconditions::one_of_thousands_failing_stops_the_batch;
    checked_early: "preconditions are checked before the batch has its turn" =>
        serialisable::two_that_each_require_what_the_other_puts_to_be_absent,
        serialisable::a_deleted_range_and_who_requires_what_is_in_it,
        serialisable::one_value_is_replaced_or_deleted_once,
        serialisable::three_in_a_ring_do_not_all_succeed,
        serialisable::transfers_keep_the_sum,
        histories::calls_at_the_same_time_have_an_order;
    one_by_one: "get_many reads one key after the other" => histories::calls_at_the_same_time_have_an_order;
    snapshot_gets: "get_many of a snapshot sees the store" => snapshots::every_read_of_a_snapshot_is_of_its_state;
    snapshot_pages: "later pages of a snapshot are of the store" =>
        snapshots::every_read_of_a_snapshot_is_of_its_state, snapshots::a_snapshot_beside_writers_shows_whole_batches;
    snapshot_bytes: "a snapshot forgets the limit of bytes" => snapshots::a_snapshot_answers_every_shape_of_request;
    snapshot_places: "there are 126 places for snapshots in all" => snapshots::snapshots_come_and_go_without_end;
    empty_flush: "nothing to flush is an error" => upkeep::flushing_is_always_possible;
    figures: "figures are never taken back" => upkeep::figures_follow_what_is_stored;
    second_close: "a close that was begun cannot be repeated" => cancellation::a_dropped_close_can_be_repeated;
    gives_turn_away: "a dropped call gives its turn away" => cancellation::increments_whose_calls_are_dropped_are_not_lost;
    own_runtime: "owns a runtime" => cancellation::a_store_may_be_dropped_anywhere;
    opener: "tasks belong to the runtime that opened the store" => cancellation::a_store_outlives_the_runtime_that_opened_it;
    shared_place: "readers share a place for their keys" => concurrency::many_readers_each_get_their_own_answers;
    flush_blocks: "a flush blocks" => concurrency::the_executor_is_not_blocked_by_long_work;
}

const BAD_DEFAULT: &[OptionSpec] = &[
    OptionSpec::new("fault", OptionKind::Text, "What is wrong with it.").required(),
    OptionSpec::new("cache", OptionKind::ByteSize, "Memory for pages.").default_value("much"),
];

#[test]
fn descriptors_that_say_too_little_are_rejected() {
    let bare = BackendDescriptor::new("subtle", open).capabilities(memory::CAPABILITIES).options(OPTIONS);
    violation(bare, "none", "meta::it_says_what_it_is_and_where_it_comes_from");
    let capitals = BackendDescriptor::new("Subtle", open).capabilities(memory::CAPABILITIES).options(OPTIONS);
    violation(capitals, "none", "meta::the_registry_takes_the_backend");
    let contradictory = BROKEN.capabilities(memory::CAPABILITIES.with_synced());
    violation(contradictory, "none", "meta::claims_do_not_contradict_each_other");
    violation(BROKEN.options(BAD_DEFAULT), "none", "meta::options_are_declared_once_and_explained");
    violation(BROKEN.options(BAD_DEFAULT), "none", "meta::a_default_may_be_given_as_well");
    let short_lived = BROKEN.capabilities(SHORT_LIVED);
    violation(short_lived, "snapshots never end", "snapshots::an_expired_snapshot_is_unavailable");
}

#[test]
fn a_random_sequence_that_fails_is_made_short_and_can_be_repeated() {
    let found = violation(BROKEN, "empty values are not put", "model::random_operations_agree_with_a_map");
    println!("{found}");
    assert!(found.seen().contains("CODESTRATA_SEED="), "{found}");
    assert!(found.seen().lines().count() < 8, "{found}");
}
