//! A number together with how it was obtained.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A number together with how it was obtained, or the reason why there is none.
///
/// In JSON it is one of `{"counted":12}`, `{"derived":12}` and
/// `{"unavailable":"why"}`; in text `12`, `~12` and `n/a`.
///
/// ```
/// use bench_suite::meter::Figure;
///
/// let blind = Figure::unavailable("this kernel does not tell");
/// assert_eq!(blind.value(), None);
/// assert_eq!(blind.to_string(), "n/a");
/// assert_eq!(Figure::Derived(12).to_string(), "~12");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Figure {
    /// Each event was seen and counted.
    Counted(u64),
    /// Computed from other figures or from how the operation works.
    Derived(u64),
    /// Nobody counted, for the reason given.
    Unavailable(Cow<'static, str>),
}

impl Figure {
    /// A figure that is missing for the reason `why`.
    pub fn unavailable(why: impl Into<Cow<'static, str>>) -> Self {
        Self::Unavailable(why.into())
    }

    /// The number, or `None` where there is none.
    pub fn value(&self) -> Option<u64> {
        match self {
            Self::Counted(number) | Self::Derived(number) => Some(*number),
            Self::Unavailable(_) => None,
        }
    }

    /// `Counted(number)`, unless `seen` says that the counter is blind.
    pub(super) fn if_seen(seen: &Result<(), Cow<'static, str>>, number: u64) -> Self {
        match seen {
            Ok(()) => Self::Counted(number),
            Err(why) => Self::Unavailable(why.clone()),
        }
    }

    /// How far this running total has moved since `earlier`.
    pub(super) fn since(&self, earlier: &Self) -> Self {
        match (self, earlier) {
            (Self::Counted(after), Self::Counted(before)) => {
                Self::Counted(after.saturating_sub(*before))
            }
            (Self::Unavailable(why), _) | (_, Self::Unavailable(why)) => {
                Self::Unavailable(why.clone())
            }
            (Self::Counted(after) | Self::Derived(after), _) => {
                Self::Derived(after.saturating_sub(earlier.value().unwrap_or(0)))
            }
        }
    }
}

impl fmt::Display for Figure {
    /// Honours width and alignment, so that figures line up in a table.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Counted(number) => f.pad(&number.to_string()),
            Self::Derived(number) => f.pad(&format!("~{number}")),
            Self::Unavailable(_) => f.pad("n/a"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Figure;

    #[test]
    fn json_round_trip() {
        let cases = [
            (Figure::Counted(7), r#"{"counted":7}"#),
            (Figure::Derived(8), r#"{"derived":8}"#),
            (Figure::unavailable("why"), r#"{"unavailable":"why"}"#),
        ];
        for (figure, json) in cases {
            assert_eq!(serde_json::to_string(&figure).unwrap(), json);
            assert_eq!(serde_json::from_str::<Figure>(json).unwrap(), figure);
        }
    }

    #[test]
    fn text_honours_width() {
        assert_eq!(format!("{:>5}|", Figure::Counted(123)), "  123|");
        assert_eq!(format!("{:<5}|", Figure::Derived(123)), "~123 |");
        assert_eq!(format!("{:>5}|", Figure::unavailable("x")), "  n/a|");
    }

    #[test]
    fn a_difference_with_a_missing_figure_is_missing() {
        let blind = Figure::unavailable("why");
        assert_eq!(Figure::Counted(9).since(&Figure::Counted(4)), Figure::Counted(5));
        assert_eq!(Figure::Counted(9).since(&Figure::Derived(4)), Figure::Derived(5));
        assert_eq!(Figure::Counted(9).since(&blind), blind);
        assert_eq!(blind.since(&Figure::Counted(9)), blind);
    }
}
