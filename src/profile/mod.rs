//! Dialect profiles as data, each rule with its source.
