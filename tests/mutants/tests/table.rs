//! The suite, tried on backends that are broken on purpose: each mutant, the case that caught it, and what it said.
//!
//! Every mutant has a process of its own: one that hangs, crashes or breaks what all stores share breaks nothing else,
//! and the processes that the suite starts are given the same arguments, so they open the same mutant. The cases of
//! the sections that should notice are tried first, then all others; the first that notices ends the search.
//!
//! Arguments: words of the names of the mutants to try; `--list`; `--matrix`, which tries every case on every mutant
//! and says what each case alone notices. Other options are those of the test harness that this is not, and ignored.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "what cannot go on fails the test")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use codestrata_conformance::{CASES, Case, Verdict, child, judge};
use codestrata_mutants::{Mutant, all, find};

// What a case may take on a mutant that never ends some call, and on any other. Those that end are slow where the
// machine is; a mutant that is not known to hang and does is caught in the end.
const HANGS: Duration = Duration::from_secs(4);
const ENDS: Duration = Duration::from_secs(60);

// Those that take a second or more on a right backend.
const SLOW: &[&str] = &[
    "a_batch_of_very_many_operations_is_one",
    "a_part_of_a_large_batch_is_never_seen",
    "a_value_stays_until_it_is_replaced",
    "aborted_tasks_leave_whole_batches",
    "too_many_bytes_are_too_large",
    "values_of_every_size_come_back_whole",
    "values_of_unlike_sizes_live_side_by_side",
];

const ONE: &str = "--one";
const EACH: &str = "--each";
const NAME: &str = "rejects_every_mutant";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    let words: Vec<&String> =
        arguments.iter().filter(|argument| !argument.starts_with("--") && *argument != NAME).collect();
    if has(ONE) {
        let mutant = find(words.first().expect("a mutant is named")).expect("there is such a mutant");
        return try_one(&mutant, has(EACH));
    }
    let chosen: Vec<Mutant> =
        all().filter(|mutant| words.iter().all(|word| mutant.name().contains(word.as_str()))).collect();
    if has("--list") {
        if has("--format") {
            println!("{NAME}: test");
            return ExitCode::SUCCESS;
        }
        for mutant in &chosen {
            println!("{:<90} {}", mutant.name(), mutant.sections().join(", "));
        }
        return ExitCode::SUCCESS;
    }
    let found = try_all(&chosen, has("--matrix"));
    if has("--matrix") {
        print_matrix(&found);
    }
    report(&found)
}

/// Tries the cases on one mutant, and says a line for each: `try`, then `passed` or `caught`.
fn try_one(mutant: &Mutant, each: bool) -> ExitCode {
    let factory = mutant.factory().time_limit(if mutant.hangs() { HANGS } else { ENDS });
    child::act(&factory);
    // A panic is a violation, which has its words; the trace would only be in the way.
    std::panic::set_hook(Box::new(|_| ()));
    let mut cases: Vec<&Case> = CASES.iter().collect();
    cases.sort_by_key(|case| order(mutant, case));
    for case in cases {
        say(&format!("try\t{case}"));
        let begun = Instant::now();
        match judge(&factory, case) {
            Verdict::Failed(violation) => {
                say(&format!("caught\t{}; seen: {}", violation.demand(), violation.seen()));
                if !each {
                    break;
                }
            }
            Verdict::Passed => say(&format!("passed\t{} ms", begun.elapsed().as_millis())),
            Verdict::NotApplicable(why) => say(&format!("apart\t{why}")),
        }
    }
    // Not by returning: threads that hang would be waited for.
    std::process::exit(0)
}

/// The sections that should notice come first, in the order in which they are named, then all others; of each the
/// cases that take long come last.
fn order(mutant: &Mutant, case: &Case) -> (bool, bool, usize) {
    let place = mutant.sections().iter().position(|named| [case.section, case.name].contains(named));
    let is_slow = SLOW.contains(&case.name);
    (place.is_none(), is_slow, place.unwrap_or_default())
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", line.replace('\n', " ")).and_then(|()| out.flush()).expect("the parent reads");
}

/// What became of a mutant.
struct Found {
    mutant: Mutant,
    // The cases that rejected it, the first one first, and what they said.
    by: Vec<(String, String)>,
    took: Duration,
}

fn try_all(mutants: &[Mutant], each: bool) -> Vec<Found> {
    let next = AtomicUsize::new(0);
    let found = Mutex::new(Vec::new());
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(mutant) = mutants.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let begun = Instant::now();
                    let by = in_another_process(mutant, each);
                    let one = Found { mutant: *mutant, by, took: begun.elapsed() };
                    print_row(&one);
                    found.lock().unwrap().push(one);
                }
            });
        }
    });
    found.into_inner().unwrap()
}

fn in_another_process(mutant: &Mutant, each: bool) -> Vec<(String, String)> {
    let mut command = Command::new(std::env::current_exe().expect("this program has a path"));
    command.args([ONE, &mutant.name()]);
    if each {
        command.arg(EACH);
    }
    let mut process = command
        // Kills take long, and a mutant is caught by the first ones or not at all.
        .env("CODESTRATA_KILL_ROUNDS", "4")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("this program can be started");
    let mut trying = String::new();
    let mut by = Vec::new();
    for line in BufReader::new(process.stdout.take().expect("it is piped")).lines().map_while(Result::ok) {
        match line.split_once('\t') {
            Some(("try", case)) => case.clone_into(&mut trying),
            Some(("caught", said)) => by.push((trying.clone(), said.to_owned())),
            _ => {}
        }
    }
    let status = process.wait().expect("it was started");
    if !status.success() {
        by.push((trying, format!("the process of the test ended with {status}")));
    }
    by
}

fn print_row(found: &Found) {
    const SAID: usize = 160;
    let (name, seconds) = (found.mutant.name(), found.took.as_secs_f32());
    match found.by.first() {
        None => println!("{name:<80} SURVIVED ({seconds:.1} s)"),
        Some((case, said)) => {
            let said: String = said.chars().take(SAID).collect();
            println!("{name:<80} {case} ({seconds:.1} s): {said}");
        }
    }
}

/// For every case, how many mutants it rejects, and how many of them no other case does.
fn print_matrix(found: &[Found]) {
    let mut rejects: BTreeMap<String, (usize, usize)> =
        CASES.iter().map(|case| (case.to_string(), (0, 0))).collect();
    for one in found {
        for (case, _) in &one.by {
            let counts = rejects.entry(case.clone()).or_default();
            counts.0 += 1;
            counts.1 += usize::from(one.by.len() == 1);
        }
    }
    println!("\n{:<90} {:>8} {:>8}", "case", "rejects", "alone");
    for (case, (many, alone)) in &rejects {
        println!("{case:<90} {many:>8} {alone:>8}");
    }
}

fn report(found: &[Found]) -> ExitCode {
    let survivors: Vec<&Found> = found.iter().filter(|one| one.by.is_empty()).collect();
    let cases: std::collections::BTreeSet<&String> =
        found.iter().filter_map(|one| one.by.first()).map(|(case, _)| case).collect();
    println!(
        "\n{} mutants, {} rejected, {} survived; {} of {} cases were the first to reject one",
        found.len(),
        found.len() - survivors.len(),
        survivors.len(),
        cases.len(),
        CASES.len()
    );
    for survivor in &survivors {
        println!("SURVIVED: {}", survivor.mutant.name());
    }
    if !survivors.is_empty() {
        println!("The suite lets these broken backends pass: it lacks a case for each.");
    }
    if found.is_empty() {
        println!("No mutant has these words in its name.");
    }
    ExitCode::from(u8::from(!survivors.is_empty() || found.is_empty()))
}
