//! What sending costs the sender's processor: CPU seconds per GiB of the sending side
//! and of both ends, and throughput beside them, as ratios within one run. The sending
//! side is all of the process but the receiver's thread, so that work which a runtime
//! hands to other threads is counted. Contenders take turns, so that a machine that
//! grows busier grows busier for all; the median of the rounds is told, and how far the
//! middle half of them lies apart. Each contender's bytes are verified before it is timed.
//!
//! `cargo bench --bench sender_cpu -- NAME` runs the groups whose name has NAME in it.

mod lane;

mod groups;

use std::time::Duration;

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
    println!("\n{name}: {} bytes, {wire}", content.len());
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
    println!(
        "| contender | sender CPU s/GiB | half of the rounds within | ratio | both ends CPU s/GiB \
         | ratio | GiB/s |"
    );
    println!("|---|---|---|---|---|---|---|");
    let mut first = None;
    for Entry { contender, gib, samples, .. } in &entries {
        let [low, sender, high] = quartiles(samples, |sample| sample.sender).map(|s| s / gib);
        let both = quartiles(samples, |sample| sample.both)[1] / gib;
        let speed = gib / quartiles(samples, |sample| sample.wall)[1];
        let (a, b) = *first.get_or_insert((sender, both));
        let (sender_ratio, both_ratio) = (sender / a, both / b);
        let name = contender.name;
        println!(
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

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let plan = Plan { rounds: if args.iter().any(|arg| arg == "--test") { 1 } else { 15 } };
    let wanted = args.iter().find(|arg| !arg.starts_with('-'));
    for (name, run) in groups::ALL {
        if wanted.is_none_or(|wanted| name.contains(wanted.as_str())) {
            run(plan, name);
        }
    }
}
