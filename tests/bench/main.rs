//! Measurements: ratios whose denominator is measured in the same run, medians of interleaved rounds.
//!
//! `cargo bench` prints each figure with its goal and the machine's load; nothing here fails, since a busy machine is
//! no fault of the program. Clients and servers share the machine's cores.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod client;
mod libxml2;
mod prices;
mod process;
mod search;
mod set_up;
mod validate;

use punchgate::clock::Clock;

fn main() {
    // Cargo passes `--bench`; a name that does not begin with a dash chooses.
    let chosen: Vec<String> = std::env::args().skip(1).filter(|name| !name.starts_with('-')).collect();
    if let Some((_, arguments)) = chosen.split_first().filter(|(first, _)| *first == "repeat") {
        return validate::repeat(arguments);
    }
    let wanted = |name: &str| chosen.is_empty() || chosen.iter().any(|word| name.contains(word.as_str()));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("{cores} cores, load before: {}", load.trim());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    if wanted("validate") {
        validate::run(&Clock::system());
    }
    if wanted("set_up") {
        runtime.block_on(set_up::run(&Clock::system()));
    }
    if wanted("answer") {
        runtime.block_on(set_up::answer(&Clock::system()));
    }
    if wanted("prices") {
        runtime.block_on(prices::run(&Clock::system()));
    }
    if wanted("search") {
        search::run();
    }
    if wanted("process") {
        runtime.block_on(process::run(&Clock::system()));
    }
}

/// The middle of the figures.
fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// A folder that is gone with this value.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new(clock: &Clock) -> Folder {
        let folder = std::env::temp_dir().join(format!("punchgate-bench-{}", clock.new_id().simple()));
        std::fs::create_dir(&folder).unwrap();
        Folder(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}
