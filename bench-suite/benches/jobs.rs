//! The jobs `slice` and `read` of the `uncopied` command, on a smaller log.
//!
//! The command runs each contender in a process of its own; here they run in
//! one, which is kinder to those who allocate much: the allocator has the
//! memory of the round before. Each answer is compared with the oracle's.
//!
//! In `read`, `mmap` copies nothing at all and wins; `one-buffer` is as fast as
//! the pool, and its bytes are gone with the next read.
#![allow(missing_docs, reason = "criterion_group! makes public functions")]

use std::fs;
use std::time::Duration;

use bench_suite::contenders::{Contender, Done, Run};
use bench_suite::jobs::{Job, LogFile};
use criterion::{BatchSize, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};

const SIZE: u64 = 32 << 20;

fn jobs(c: &mut Criterion) {
    let log = LogFile::create(SIZE, |_| ()).expect("room for the log file");
    for job in [Job::Slice, Job::Read] {
        let answer = job.answer(&log.path()).expect("the log can be read");
        let mut group = c.benchmark_group(job.name());
        group.throughput(Throughput::Bytes(SIZE)).sampling_mode(SamplingMode::Flat);
        for contender in job.contenders() {
            assert_eq!(Some(once(contender, &log).answer), answer, "{}", contender.name);
            group.bench_function(contender.name, |b| match contender.run {
                Run::Cut(run) => b.iter_batched(|| content(&log), run, BatchSize::PerIteration),
                Run::ReadInto(run) => {
                    let path = log.path();
                    b.iter_batched(
                        || content(&log),
                        |warm| run(&path, warm),
                        BatchSize::PerIteration,
                    );
                }
                _ => b.iter(|| once(contender, &log)),
            });
        }
        group.finish();
    }
}

fn content(log: &LogFile) -> Vec<u8> {
    fs::read(log.path()).expect("the log can be read")
}

fn once(contender: &Contender, log: &LogFile) -> Done {
    match contender.run {
        Run::Cut(run) => run(content(log)),
        Run::Read(run) => run(&log.path()),
        Run::ReadInto(run) => run(&log.path(), content(log)),
        Run::SendMemory(_) | Run::SendFile(_) => unreachable!("these jobs send nothing"),
    }
    .expect("the contender does its job")
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1));
    targets = jobs
}
criterion_main!(benches);
