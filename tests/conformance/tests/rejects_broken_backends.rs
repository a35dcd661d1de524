//! The suite is itself tested: backends that are broken on purpose, each of which a case must reject whose name
//! says what is wrong.
//!
//! Each is the memory backend with one fault, chosen by an option.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper that fails fails its test")]

use std::sync::Arc;

use codestrata_backend_memory as memory;
use codestrata_conformance::{CASES, Factory, run};
use codestrata_core::{
    Backend, BackendDescriptor, Batch, Bytes, Capabilities, Error, ErrorKind, Key, KeyRange, Op, OpenFuture,
    OpenMode, OpenRequest, OptionKind, OptionSpec, Options, Page, PageBuilder, ReadView, Result, ScanRequest,
    async_trait,
};

const BROKEN: BackendDescriptor = BackendDescriptor::new("broken", open)
    .capabilities(memory::CAPABILITIES)
    .options(&[OptionSpec::new("fault", OptionKind::Text, "What is wrong with it.").required()]);

fn open(request: OpenRequest) -> OpenFuture {
    Box::pin(async move {
        let fault = request.options().text("fault")?.unwrap_or_default().to_owned();
        let mode = if fault == "mode ignored" { OpenMode::Create } else { request.open_mode() };
        let inner = memory::DESCRIPTOR.open(OpenRequest::new(Options::new()).mode(mode)).await?;
        let store: Arc<dyn Backend> = Arc::new(Broken { inner, fault });
        Ok(store)
    })
}

struct Broken {
    inner: Arc<dyn Backend>,
    fault: String,
}

impl Broken {
    fn has(&self, fault: &str) -> bool {
        self.fault == fault
    }

    fn change(&self, op: Op) -> Result<Option<Op>> {
        Ok(Some(match op {
            Op::Delete(_) if self.has("delete is a no-op") => return Ok(None),
            Op::Delete(key) if self.has("delete stores an empty value") => Op::Put(key, Bytes::new()),
            Op::DeleteRange(range) if self.has("the end of a deleted range is included") => {
                let end = range.end().map(|end| KeyRange::all().after(end).start().clone());
                Op::DeleteRange(KeyRange::new(range.start().clone(), end))
            }
            Op::Put(key, value) if self.has("keys are folded to lower case") => {
                Op::Put(Key::new(key.as_slice().to_ascii_lowercase())?, value)
            }
            Op::Put(key, value) if self.has("values are cut at 64 KiB") => {
                let length = value.len().min(65_535);
                Op::Put(key, value.slice(..length))
            }
            Op::Put(_, value) if self.has("empty values are absences") && value.is_empty() => {
                return Ok(None);
            }
            other => other,
        }))
    }
}

#[async_trait]
impl ReadView for Broken {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>> {
        let mut sorted = keys.to_vec();
        if self.has("get_many answers in the order of the store") {
            sorted.sort();
        }
        if self.has("get_many leaves missing keys out") {
            let values = self.inner.get_many(keys).await?;
            return Ok(values.into_iter().flatten().map(Some).collect());
        }
        if self.has("the limit of keys is not checked") {
            let mut values = Vec::new();
            for part in keys.chunks(1_000) {
                values.extend(self.inner.get_many(part).await?);
            }
            return Ok(values);
        }
        self.inner.get_many(&sorted).await
    }

    async fn scan(&self, request: &ScanRequest) -> Result<Page> {
        let range = request.range().clone();
        let mut asked = request.clone();
        if self.has("the end is included") {
            let end = range.end().map(|end| KeyRange::all().after(end).start().clone());
            asked = request.over(KeyRange::new(range.start().clone(), end));
        } else if self.has("the start is excluded") {
            asked =
                request.over(KeyRange::new(range.after(range.start()).start().clone(), range.end().cloned()));
        } else if self.has("limits are ignored") {
            asked = request.clone().max_items(usize::MAX).max_bytes(usize::MAX);
        } else if self.has("there is never a next page") {
            let page = self.inner.scan(request).await?;
            let mut only = PageBuilder::new(request);
            let _ = page.iter().all(|(key, value)| only.push(key, value));
            return Ok(only.finish());
        } else if self.has("keys compare as signed bytes") {
            let page = self.inner.scan(request).await?;
            let mut items: Vec<_> = page.iter().collect();
            items.sort_by_key(|(key, _)| key.iter().map(|byte| byte.cast_signed()).collect::<Vec<_>>());
            let mut sorted = PageBuilder::new(request);
            let _ = items.iter().all(|(key, value)| sorted.push(key, value));
            return Ok(sorted.finish());
        }
        self.inner.scan(&asked).await
    }
}

#[async_trait]
impl Backend for Broken {
    fn capabilities(&self) -> &Capabilities {
        const FEWER: Capabilities = Capabilities::minimal();
        if self.has("a capability is hidden") { &FEWER } else { &memory::CAPABILITIES }
    }

    async fn apply(&self, batch: Batch) -> Result<()> {
        batch.check(&memory::CAPABILITIES)?;
        let durability = batch.requested_durability();
        let (mut preconditions, mut ops) = batch.into_parts();
        if self.has("preconditions are ignored") {
            preconditions.clear();
        } else if self.has("only the first precondition is checked") {
            preconditions.truncate(1);
        } else if self.has("operations are reordered") {
            ops.sort_by_key(|op| matches!(op, Op::Put(..)));
        } else if self.has("preconditions see the batch's own writes") {
            let mut first = Batch::new();
            for op in std::mem::take(&mut ops) {
                first.add(op);
            }
            self.inner.apply(first).await?;
        } else if self.has("a batch is not atomic") {
            for op in std::mem::take(&mut ops) {
                let mut one = Batch::new();
                one.add(op);
                self.inner.apply(one).await?;
                tokio::task::yield_now().await;
            }
        } else if self.has("long work blocks the executor") {
            std::thread::sleep(std::time::Duration::from_millis(300));
        } else if self.has("a failed precondition is ignored when it is alone") && ops.is_empty() {
            return Ok(());
        }
        let mut changed = Batch::new().durability(durability);
        for one in preconditions {
            changed.add_precondition(one);
        }
        for op in ops {
            if let Some(op) = self.change(op)? {
                changed.add(op);
            }
        }
        self.inner.apply(changed).await
    }

    async fn snapshot(&self) -> Result<Box<dyn ReadView>> {
        if self.has("a claimed capability is missing") {
            return Err(codestrata_core::unsupported("snapshots"));
        }
        if self.has("a snapshot is not stable") {
            return Ok(Box::new(Self { inner: Arc::clone(&self.inner), fault: String::new() }));
        }
        self.inner.snapshot().await
    }

    async fn flush(&self) -> Result<()> {
        self.inner.flush().await
    }

    async fn close(&self) -> Result<()> {
        if self.has("calls after close succeed") {
            return Ok(());
        }
        let twice = self.has("closing twice fails") && self.inner.flush().await.is_err();
        if twice { Err(Error::new(ErrorKind::Closed, "closed")) } else { self.inner.close().await }
    }
}

/// Demands that the case rejects the backend with this fault, and passes it without.
fn rejected(factory: &Factory, right: &Factory, section: &str, name: &str) {
    let case = CASES.iter().find(|case| (case.section, case.name) == (section, name)).unwrap();
    let violation = run(factory, case).expect_err("the case lets a broken backend pass");
    assert!(!violation.demand().is_empty());
    run(right, case).expect("the case rejects a backend that is right");
}

macro_rules! faults {
    ($($test:ident: $fault:literal => $section:ident :: $case:ident;)*) => {
        $(
            #[test]
            fn $test() {
                let broken = Factory::new(BROKEN, |_| Options::new().with("fault", $fault));
                let right = Factory::new(BROKEN, |_| Options::new().with("fault", "none"));
                rejected(&broken, &right, stringify!($section), stringify!($case));
            }
        )*
    };
}

faults! {
    delete_no_op: "delete is a no-op" => batch::operations_take_effect_in_order;
    delete_stores_empty: "delete stores an empty value" => keys::deleting_a_missing_key_succeeds;
    deleted_range_inclusive: "the end of a deleted range is included" => batch::a_deleted_range_spares_its_neighbours;
    keys_folded: "keys are folded to lower case" => keys::keys_keep_their_case;
    values_cut: "values are cut at 64 KiB" => keys::values_of_every_size_come_back_whole;
    empty_is_absent: "empty values are absences" => keys::an_empty_value_is_a_value;
    get_many_sorted: "get_many answers in the order of the store" => get_many::values_come_in_the_order_of_the_keys;
    get_many_short: "get_many leaves missing keys out" => get_many::missing_keys_among_present_ones_are_none;
    key_limit_ignored: "the limit of keys is not checked" => get_many::one_key_too_many_is_too_large;
    end_inclusive: "the end is included" => scan::the_start_is_included_and_the_end_excluded;
    start_exclusive: "the start is excluded" => scan::the_start_is_included_and_the_end_excluded;
    limits_ignored: "limits are ignored" => paging::pages_of_every_size_visit_everything_once;
    never_a_next: "there is never a next page" => paging::pages_of_one_item_visit_everything;
    signed_bytes: "keys compare as signed bytes" => keys::keys_compare_as_unsigned_bytes;
    capability_hidden: "a capability is hidden" => opening::capabilities_are_as_declared;
    capability_missing: "a claimed capability is missing" => isolation::a_snapshot_does_not_change;
    snapshot_unstable: "a snapshot is not stable" => isolation::a_snapshot_does_not_change;
    preconditions_ignored: "preconditions are ignored" => preconditions::absent_fails_for_a_present_key;
    only_first_precondition: "only the first precondition is checked" => preconditions::any_one_failing_stops_the_batch;
    late_preconditions: "preconditions see the batch's own writes" => preconditions::they_see_the_state_before_the_batch;
    questions_ignored: "a failed precondition is ignored when it is alone" => preconditions::alone_they_ask_and_change_nothing;
    reordered: "operations are reordered" => batch::operations_take_effect_in_order;
    not_atomic: "a batch is not atomic" => batch::no_read_sees_half_a_batch;
    use_after_close: "calls after close succeed" => closing::every_later_call_says_closed;
    close_twice: "closing twice fails" => closing::closing_twice_succeeds;
    blocks: "long work blocks the executor" => concurrency::the_executor_is_not_blocked_by_long_work;
    mode_ignored: "mode ignored" => opening::a_missing_store_is_not_found;
}
