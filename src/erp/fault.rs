//! What can go wrong between us and an ERP, and who has to do something about it.

use std::fmt;

/// Who has to do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Nobody: the same question may be answered later.
    Retry,
    /// Whoever keeps the mapping or the ERP: the same question would be refused again.
    Ask,
}

/// Why a question was not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Who has to do something.
    pub class: Class,
    /// What, where and why; never a secret.
    pub text: String,
    /// Seconds that the ERP wants to be left alone.
    pub after_seconds: Option<u64>,
    /// Whether the session is not valid any more: a new one may help.
    pub is_unauthorized: bool,
    /// Whether what was asked for is not there.
    pub is_missing: bool,
}

impl Fault {
    /// The same question may be answered later.
    pub fn retry(text: impl Into<String>) -> Fault {
        Fault {
            class: Class::Retry,
            text: text.into(),
            after_seconds: None,
            is_unauthorized: false,
            is_missing: false,
        }
    }

    /// A person must look.
    pub fn ask(text: impl Into<String>) -> Fault {
        Fault {
            class: Class::Ask,
            ..Fault::retry(text)
        }
    }

    /// The fault that a status of HTTP is; none where it is a good one.
    pub fn of_status(status: u16, retry_after: Option<&str>) -> Option<Fault> {
        let fault = match status {
            200..=299 => return None,
            401 => Fault {
                is_unauthorized: true,
                ..Fault::ask("the ERP does not accept the user or the password (401)")
            },
            403 => Fault::ask("the ERP does not let this user see that (403)"),
            404 | 410 => Fault {
                is_missing: true,
                ..Fault::ask(format!("the ERP answered {status}"))
            },
            408 | 425 | 429 | 500 | 502 | 503 | 504 => Fault::retry(format!("the ERP answered {status}")),
            _ => Fault::ask(format!("the ERP answered {status}")),
        };
        Some(Fault {
            after_seconds: retry_after.and_then(|seconds| seconds.trim().parse().ok()),
            ..fault
        })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        match self.class {
            Class::Retry => f.write_str("; it is tried again"),
            Class::Ask => f.write_str("; somebody must look"),
        }
    }
}

impl std::error::Error for Fault {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_says_who_has_to_do_something() {
        let check = |status, expect: Option<Class>| {
            assert_eq!(
                Fault::of_status(status, None).map(|fault| fault.class),
                expect,
                "{status}"
            );
        };
        check(200, None);
        check(204, None);
        for status in [408, 429, 500, 502, 503, 504] {
            check(status, Some(Class::Retry));
        }
        for status in [302, 400, 401, 403, 404, 410, 422, 501] {
            check(status, Some(Class::Ask));
        }
        assert_eq!(
            Fault::of_status(429, Some("7")).and_then(|fault| fault.after_seconds),
            Some(7)
        );
        assert_eq!(
            Fault::of_status(429, Some("soon")).and_then(|fault| fault.after_seconds),
            None
        );
    }
}
