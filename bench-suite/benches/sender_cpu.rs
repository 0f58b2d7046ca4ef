//! What sending costs the sender's processor: CPU seconds per GiB of the sending side
//! and of both ends, and throughput beside them, as ratios within one run. The sending
//! side is all of the process but the receiver's thread, so that work which a runtime
//! hands to other threads is counted. Contenders take turns, so that a machine that
//! grows busier grows busier for all; the median of the rounds is told, and how far the
//! middle half of them lies apart. Each contender's bytes are verified before it is timed.
//!
//! `cargo bench --bench sender_cpu -- NAME` runs the groups whose name has NAME in it, and
//! `-- --into FILE` puts the tables into a file, between `<!-- figures: begin -->` and
//! `<!-- figures: end -->`.

/// Prints a line, and keeps it for the file that the tables are put into.
macro_rules! say {
    ($($words:tt)*) => { $crate::said(&format!($($words)*)) };
}

mod lane;

mod groups;

use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use bench_suite::report::{Machine, Marked, day};
use lane::{Contender, Lane, Wire, cpu_of_process, gib};

/// How a group is run.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    /// Rounds in which each contender sends once.
    rounds: usize,
}

#[derive(Clone, Copy, Default)]
struct Sample {
    sender: Duration,
    both: Duration,
    wall: Duration,
}

struct Entry {
    contender: Contender,
    lane: Lane,
    gib: f64,
    samples: Vec<Sample>,
}

/// Runs the contenders of one group against each other and prints a table. The first
/// is what the others are held against.
pub(crate) fn race(plan: Plan, name: &str, wire: Wire, content: &[u8], field: Vec<Contender>) {
    say!("\n**{name}: {} bytes, {wire}**\n", content.len());
    let mut entries: Vec<_> = field
        .into_iter()
        .map(|mut contender| {
            let content = &content[..contender.len.unwrap_or(content.len())];
            lane::verify(wire, content, &mut contender);
            let lane = Lane::open(wire, content.len());
            Entry { contender, lane, gib: gib(content.len()), samples: Vec::new() }
        })
        .collect();
    for _ in 0..plan.rounds {
        for entry in &mut entries {
            entry.samples.push(once(&mut entry.contender, &entry.lane));
        }
    }
    say!(
        "| contender | sender CPU s/GiB | half of the rounds within | ratio | both ends CPU s/GiB \
         | ratio | GiB/s |"
    );
    say!("|---|---|---|---|---|---|---|");
    let mut first = None;
    for Entry { contender, gib, samples, .. } in &entries {
        let [low, sender, high] = quartiles(samples, |sample| sample.sender).map(|s| s / gib);
        let both = quartiles(samples, |sample| sample.both)[1] / gib;
        let speed = gib / quartiles(samples, |sample| sample.wall)[1];
        let (a, b) = *first.get_or_insert((sender, both));
        let (sender_ratio, both_ratio) = (sender / a, both / b);
        let name = contender.name;
        say!(
            "| {name} | {sender:.3} | {low:.3}-{high:.3} | {sender_ratio:.2} | {both:.3} \
             | {both_ratio:.2} | {speed:.2} |"
        );
    }
}

fn once(contender: &mut Contender, lane: &Lane) -> Sample {
    let (start, before) = (std::time::Instant::now(), cpu_of_process());
    (contender.send)(lane.socket()).expect("it is sent");
    let receiver = lane.await_message();
    let both = cpu_of_process().saturating_sub(before);
    Sample { sender: both.saturating_sub(receiver), both, wall: start.elapsed() }
}

/// The quarter, the middle and the three quarters of what the samples say.
fn quartiles(samples: &[Sample], of: impl Fn(&Sample) -> Duration) -> [f64; 3] {
    let mut all: Vec<f64> = samples.iter().map(|sample| of(sample).as_secs_f64()).collect();
    all.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| all[(all.len() * quarter / 4).min(all.len() - 1)])
}

static SAID: Mutex<String> = Mutex::new(String::new());

pub(crate) fn said(line: &str) {
    println!("{line}");
    SAID.lock().expect("nobody panics while a line is kept").extend([line, "\n"]);
}

fn main() {
    let mut args = std::env::args().skip(1);
    let (mut plan, mut wanted, mut into) = (Plan { rounds: 15 }, None, None);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--test" => plan.rounds = 1,
            "--into" => {
                let file = args.next().expect("--into FILE");
                into = Some(Marked::find(Path::new(&file), "figures").expect("a file with marks"));
            }
            option if option.starts_with('-') => {}
            _ => wanted = Some(arg),
        }
    }
    for (name, run) in groups::ALL {
        if wanted.as_ref().is_none_or(|wanted| name.contains(wanted.as_str())) {
            run(plan, name);
        }
    }
    if let Some(marked) = into {
        let Machine { cpu, cores, os, .. } = Machine::this();
        let today = day(SystemTime::now());
        let tables = SAID.lock().expect("nobody panics while a line is kept");
        let origin = format!(
            "Printed by `cargo bench -p uncopied-bench-suite --bench sender_cpu` on {today}: {cpu},\n\
             {cores} cores, {os}.\n"
        );
        marked.replace(&(origin + &tables)).expect("the file can be written");
    }
}
