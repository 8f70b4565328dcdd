//! Benchmarks with their own harness: ratios whose denominator is measured in the same run.

fn main() {}
