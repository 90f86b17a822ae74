//! The median of every figure over several runs.

use serde_json::{Map, Value, json};

/// One result a workload, in the order of the first run.
pub(super) fn of(runs: &[Value]) -> Vec<Value> {
    let results = |run: &Value| run["results"].as_array().cloned().unwrap_or_default();
    let first = runs.first().map(results).unwrap_or_default();
    let same = |workload: &Value| -> Vec<Value> {
        runs.iter().flat_map(results).filter(|result| result["workload"] == *workload).collect()
    };
    first.iter().map(|result| median(&same(&result["workload"]).iter().collect::<Vec<_>>())).collect()
}

fn median(values: &[&Value]) -> Value {
    match values.first() {
        Some(Value::Number(_)) => json!(middle(values.iter().filter_map(|value| value.as_f64()).collect())),
        Some(Value::Object(object)) => {
            let part = |key: &String| median(&values.iter().map(|value| &value[key.as_str()]).collect::<Vec<_>>());
            Value::Object(object.keys().map(|key| (key.clone(), part(key))).collect::<Map<_, _>>())
        }
        Some(other) => (*other).clone(),
        None => Value::Null,
    }
}

fn middle(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    (numbers[(numbers.len() - 1) / 2] + numbers[numbers.len() / 2]) / 2.0
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn the_median_is_taken_of_each_figure_apart() {
        let run =
            |speed: f64, memory: f64| json!({"results": [{"workload": "get", "ops_s": speed, "rss_max_mib": memory}]});
        let medians = super::of(&[run(1.0, 9.0), run(3.0, 7.0), run(2.0, 8.0)]);
        assert_eq!(medians, [json!({"workload": "get", "ops_s": 2.0, "rss_max_mib": 8.0})]);
    }
}
