//! Lines come whole from every file system that can be had here, and files of the system
//! that say they are empty are read all the same.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use filereader::{FileReader, Kind, Pool, Road};

const BLOCK: usize = 64 << 10;

/// Reads the file in every way; each has to give what `fs::read` gives.
fn read_in_all_ways(path: &Path) {
    let expected = fs::read(path).unwrap();
    let pool = Pool::builder().block_size(BLOCK).blocks(6).build().unwrap();
    let open = || FileReader::open(path).unwrap().pool(&pool);
    let readers = [open(), open().prefetch(2).unwrap()];
    for mut reader in readers {
        assert!(lines(|| reader.next_lines().unwrap().map(|b| b.bytes().to_vec())) == expected);
    }
    let mut reader = open().dont_keep();
    assert!(lines(|| reader.next_lines().unwrap().map(|b| b.bytes().to_vec())) == expected);
    println!("{}:\n{}", path.display(), open().plan().unwrap());
}

fn lines(mut next: impl FnMut() -> Option<Vec<u8>>) -> Vec<u8> {
    std::iter::from_fn(&mut next).flatten().collect()
}

fn write_log(directory: &Path) -> PathBuf {
    let path = directory.join("log");
    let mut file = File::create(&path).unwrap();
    for n in 0..60_000 {
        writeln!(file, "line {n} of a log that is longer than a few blocks").unwrap();
    }
    file.sync_all().unwrap();
    path
}

#[test]
fn files_of_the_system_that_say_they_are_empty_or_too_large() {
    for path in ["/proc/cpuinfo", "/proc/self/status"] {
        let mut reader = FileReader::open(path).unwrap();
        let plan = reader.plan().unwrap();
        assert_eq!((plan.size, plan.kind, plan.road), (0, Kind::Regular, Road::Stream), "{path}");
        assert!(reader.next_lines().unwrap().unwrap().lines().count() > 3, "{path}");
    }
    // A file of `sysfs` says that it has a page, and has a few bytes.
    let path = Path::new("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size");
    let path = if path.exists() { path } else { Path::new("/sys/kernel/uevent_seqnum") };
    if !path.exists() {
        println!("skipped: there is no /sys here");
        return;
    }
    let size = fs::metadata(path).unwrap().len();
    let expected = fs::read(path).unwrap();
    assert!(expected.len() as u64 != size, "its size is a lie");
    for ahead in [0, 2] {
        let mut reader = FileReader::open(path).unwrap().prefetch(ahead).unwrap();
        assert_eq!(reader.next_lines().unwrap().unwrap().bytes(), &expected[..]);
        assert!(reader.next_lines().unwrap().is_none());
    }
}

#[test]
fn the_disk_and_memory() {
    let disk = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    read_in_all_ways(&write_log(disk.path()));
    if Path::new("/dev/shm").is_dir() {
        let memory = tempfile::tempdir_in("/dev/shm").unwrap();
        read_in_all_ways(&write_log(memory.path()));
    } else {
        println!("skipped: there is no /dev/shm here");
    }
}

/// What stays mounted until it is dropped.
struct Mounted(tempfile::TempDir);

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path().join("at")).status();
    }
}

fn run(program: &str, args: &[&str]) -> Result<(), String> {
    let said = |output: Output| {
        if output.status.success() {
            return Ok(());
        }
        Err(String::from_utf8_lossy(&output.stderr).trim().to_string())
    };
    Command::new(program).args(args).output().map_err(|error| error.to_string()).and_then(said)
}

/// An image with that file system, mounted; or why that is not to be had.
fn mounted(make: &str) -> Result<Mounted, String> {
    let mounted = Mounted(tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap());
    let (image, at) = (mounted.0.path().join("image"), mounted.0.path().join("at"));
    // The least that `mkfs.xfs` takes is 300 MB; the image is sparse.
    File::create(&image).unwrap().set_len(320 << 20).unwrap();
    fs::create_dir(&at).unwrap();
    let (image, at) = (image.display().to_string(), at.display().to_string());
    run(make, &["-q", &image]).map_err(|error| format!("{make}: {error}"))?;
    run("mount", &["-o", "loop", &image, &at]).map_err(|error| format!("mount: {error}"))?;
    Ok(mounted)
}

fn on_an_image(make: &str) {
    match mounted(make) {
        Ok(mounted) => read_in_all_ways(&write_log(&mounted.0.path().join("at"))),
        Err(why) => println!("skipped: {why}"),
    }
}

#[test]
fn xfs() {
    on_an_image("mkfs.xfs");
}

#[test]
fn btrfs() {
    on_an_image("mkfs.btrfs");
}
