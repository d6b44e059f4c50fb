//! The functions of Prometheus 3 that need no feature to be switched on.
//!
//! A function that does need one is known by name, to say so.

use super::types::Type::{self, Matrix, Scalar, Text, Vector};

/// What a function takes and gives.
pub(super) struct Function {
    /// The types of its arguments.
    pub(super) takes: &'static [Type],
    /// How many arguments more there may be than the required ones, the last of the types being optional; `None` is any.
    pub(super) more: Option<usize>,
    pub(super) gives: Type,
}

/// Functions that Prometheus refuses by default.
pub(super) const EXPERIMENTAL: &[&str] = &[
    "double_exponential_smoothing",
    "end",
    "first_over_time",
    "histogram_quantiles",
    "info",
    "mad_over_time",
    "max_of",
    "min_of",
    "range",
    "sort_by_label",
    "sort_by_label_desc",
    "start",
    "step",
    "ts_of_first_over_time",
    "ts_of_last_over_time",
    "ts_of_max_over_time",
    "ts_of_min_over_time",
];

/// Finds a function by its name.
pub(super) fn find(name: &str) -> Option<Function> {
    let vector = |takes| Function {
        takes,
        more: Some(0),
        gives: Vector,
    };
    Some(match name {
        "abs" | "absent" | "acos" | "acosh" | "asin" | "asinh" | "atan" | "atanh" | "ceil" | "cos" | "cosh" | "deg"
        | "exp" | "floor" | "histogram_avg" | "histogram_count" | "histogram_stddev" | "histogram_stdvar"
        | "histogram_sum" | "ln" | "log10" | "log2" | "rad" | "sgn" | "sin" | "sinh" | "sort" | "sort_desc"
        | "sqrt" | "tan" | "tanh" | "timestamp" => vector(&[Vector]),
        "absent_over_time" | "avg_over_time" | "changes" | "count_over_time" | "delta" | "deriv" | "idelta"
        | "increase" | "irate" | "last_over_time" | "max_over_time" | "min_over_time" | "present_over_time"
        | "rate" | "resets" | "stddev_over_time" | "stdvar_over_time" | "sum_over_time" => vector(&[Matrix]),
        "day_of_month" | "day_of_week" | "day_of_year" | "days_in_month" | "hour" | "minute" | "month" | "year" => {
            Function {
                takes: &[Vector],
                more: Some(1),
                gives: Vector,
            }
        }
        "clamp" => vector(&[Vector, Scalar, Scalar]),
        "clamp_max" | "clamp_min" => vector(&[Vector, Scalar]),
        "histogram_fraction" => vector(&[Scalar, Scalar, Vector]),
        "histogram_quantile" => vector(&[Scalar, Vector]),
        "label_join" => Function {
            takes: &[Vector, Text, Text, Text],
            more: None,
            gives: Vector,
        },
        "label_replace" => vector(&[Vector, Text, Text, Text, Text]),
        "predict_linear" => vector(&[Matrix, Scalar]),
        "quantile_over_time" => vector(&[Scalar, Matrix]),
        "round" => Function {
            takes: &[Vector, Scalar],
            more: Some(1),
            gives: Vector,
        },
        "vector" => vector(&[Scalar]),
        "pi" | "time" => Function {
            takes: &[],
            more: Some(0),
            gives: Scalar,
        },
        "scalar" => Function {
            takes: &[Vector],
            more: Some(0),
            gives: Scalar,
        },
        _ => return None,
    })
}

/// Aggregations, and the type of the parameter of those that have one.
pub(super) fn aggregation(name: &str) -> Option<Option<Type>> {
    Some(match name {
        "avg" | "count" | "group" | "max" | "min" | "stddev" | "stdvar" | "sum" => None,
        "bottomk" | "limit_ratio" | "limitk" | "quantile" | "topk" => Some(Scalar),
        "count_values" => Some(Text),
        _ => return None,
    })
}
