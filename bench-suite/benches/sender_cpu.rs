//! What sending costs the sender's processor: CPU seconds per GiB of the sending thread
//! and of both ends, and throughput beside them, as ratios within one run. Contenders
//! take turns, so that a machine that grows busier grows busier for all; the median of
//! the rounds is told. Each contender's bytes are verified before it is timed.
//!
//! `cargo bench --bench sender_cpu -- NAME` runs the groups whose name has NAME in it.

mod lane;

mod groups;

use std::time::Duration;

use lane::{Contender, Lane, Wire, cpu_of_process, cpu_of_thread, gib};

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

/// Runs the contenders of one group against each other and prints a table. The first
/// is what the others are held against.
pub(crate) fn race(plan: Plan, name: &str, wire: Wire, content: &[u8], field: Vec<Contender>) {
    println!("\n{name}: {} bytes, {wire}", content.len());
    let mut lanes: Vec<_> = field
        .into_iter()
        .map(|contender| {
            let mut contender = contender;
            lane::verify(wire, content, &mut contender);
            (contender, Lane::open(wire, content.len()), Vec::new())
        })
        .collect();
    for _ in 0..plan.rounds {
        for (contender, lane, samples) in &mut lanes {
            samples.push(once(contender, lane));
        }
    }
    let gib = gib(content.len());
    println!("| contender | sender CPU s/GiB | ratio | both ends CPU s/GiB | ratio | GiB/s |");
    println!("|---|---|---|---|---|---|");
    let mut first = None;
    for (contender, _, samples) in &lanes {
        let sender = median(samples, |sample| sample.sender) / gib;
        let both = median(samples, |sample| sample.both) / gib;
        let speed = gib / median(samples, |sample| sample.wall);
        let (a, b) = *first.get_or_insert((sender, both));
        let (sender_ratio, both_ratio) = (sender / a, both / b);
        let name = contender.name;
        println!(
            "| {name} | {sender:.3} | {sender_ratio:.2} | {both:.3} | {both_ratio:.2} | {speed:.2} |"
        );
    }
}

fn once(contender: &mut Contender, lane: &Lane) -> Sample {
    let start = std::time::Instant::now();
    let (thread, process) = (cpu_of_thread(), cpu_of_process());
    (contender.send)(lane.socket()).expect("it is sent");
    let sender = cpu_of_thread().saturating_sub(thread);
    lane.await_message();
    Sample { sender, both: cpu_of_process().saturating_sub(process), wall: start.elapsed() }
}

fn median(samples: &[Sample], of: impl Fn(&Sample) -> Duration) -> f64 {
    let mut all: Vec<f64> = samples.iter().map(|sample| of(sample).as_secs_f64()).collect();
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
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
