//! What criterion left on disk of the benches that were run last.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The median time of one bench, in nanoseconds, with its 95 % interval.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// The group that it belongs to.
    pub group: String,
    /// Who was timed.
    pub contender: String,
    /// On what, where a group has several inputs.
    pub parameter: String,
    /// The median.
    pub median: f64,
    /// The lower bound of the interval.
    pub low: f64,
    /// The upper bound of the interval.
    pub high: f64,
    /// When it was measured.
    pub measured: SystemTime,
}

/// All estimates below criterion's folder, in the order in which they were measured.
///
/// # Errors
///
/// If the folder cannot be read, or a file in it is not what criterion writes.
pub fn estimates(folder: &Path) -> Result<Vec<Estimate>, Box<dyn Error>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.ends_with("new") {
                found.extend(estimate(&path)?);
            } else if path.is_dir() {
                folders.push(path);
            }
        }
    }
    found.sort_by_key(|estimate| estimate.measured);
    Ok(found)
}

#[derive(Deserialize)]
struct Benchmark {
    group_id: String,
    function_id: Option<String>,
    value_str: Option<String>,
}

#[derive(Deserialize)]
struct Estimates {
    median: Median,
}

#[derive(Deserialize)]
struct Median {
    point_estimate: f64,
    confidence_interval: Interval,
}

#[derive(Deserialize)]
struct Interval {
    lower_bound: f64,
    upper_bound: f64,
}

/// What one bench left; nothing, if it was broken off.
fn estimate(folder: &Path) -> Result<Option<Estimate>, Box<dyn Error>> {
    let file = folder.join("estimates.json");
    let Ok(about) = fs::metadata(&file) else { return Ok(None) };
    let Benchmark { group_id, function_id, value_str } = read(&folder.join("benchmark.json"))?;
    let Median { point_estimate, confidence_interval } = read::<Estimates>(&file)?.median;
    Ok(Some(Estimate {
        group: group_id,
        contender: function_id.unwrap_or_default(),
        parameter: value_str.unwrap_or_default(),
        median: point_estimate,
        low: confidence_interval.lower_bound,
        high: confidence_interval.upper_bound,
        measured: about.modified()?,
    }))
}

fn read<T: DeserializeOwned>(file: &PathBuf) -> Result<T, Box<dyn Error>> {
    let named = |error: &dyn Error| format!("{}: {error}", file.display());
    let text = fs::read(file).map_err(|error| named(&error))?;
    Ok(serde_json::from_slice(&text).map_err(|error| named(&error))?)
}

/// The day in universal time, as `2026-11-25`.
pub fn day(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    // Years begin in March here, so that the leap day is the last one.
    let days = seconds / 86_400 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::day;

    #[test]
    fn days_are_those_of_the_calendar() {
        let cases = [
            (0, "1970-01-01"),
            (951_782_399, "2000-02-28"),
            (951_782_400, "2000-02-29"),
            (951_868_800, "2000-03-01"),
            (1_735_689_599, "2024-12-31"),
            (1_764_028_800, "2025-11-25"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(day(UNIX_EPOCH + Duration::from_secs(seconds)), expected);
        }
    }
}
