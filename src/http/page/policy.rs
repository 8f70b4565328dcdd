//! What a browser may do with a page: the security headers, in one place.

/// Who may frame a page and where its forms may go; all else is closed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Policy<'a> {
    /// Origins that may show the page in a frame, besides our own; none unless the connection names them.
    pub frame_ancestors: &'a [&'a str],
    /// Origins that forms of this page post to, or are sent on to; empty: our own alone. The return page names the
    /// buyer's.
    pub form_action: &'a [&'a str],
}

impl Policy<'_> {
    /// The headers of a page under this policy.
    pub fn headers(&self) -> [(&'static str, String); 4] {
        [
            ("content-security-policy", self.content_security()),
            ("referrer-policy", "no-referrer".to_owned()),
            ("x-content-type-options", "nosniff".to_owned()),
            (
                "permissions-policy",
                "camera=(), geolocation=(), microphone=(), payment=()".to_owned(),
            ),
        ]
    }

    fn content_security(&self) -> String {
        let mut ancestors = "'self'".to_owned();
        for origin in self.frame_ancestors.iter().filter(|origin| is_source(origin)) {
            ancestors.push(' ');
            ancestors.push_str(origin);
        }
        let named: Vec<&str> = self
            .form_action
            .iter()
            .copied()
            .filter(|origin| is_source(origin))
            .collect();
        let form_action = if named.is_empty() {
            "'self'".to_owned()
        } else {
            named.join(" ")
        };
        format!(
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; \
             form-action {form_action}; frame-ancestors {ancestors}"
        )
    }
}

/// Whether a configured origin can stand in the header without starting a directive of its own.
fn is_source(origin: &str) -> bool {
    let host = origin
        .strip_prefix("https://")
        .or_else(|| origin.strip_prefix("http://"));
    host.is_some_and(|host| {
        !host.is_empty()
            && host
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b".-:*[]".contains(&b))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(policy: Policy<'_>, expect: &str) {
        let [(_, value), ..] = policy.headers();
        assert!(value.ends_with(expect), "{value}");
        assert!(!value.contains("unsafe"));
    }

    #[test]
    fn closed_unless_named() {
        check(Policy::default(), "form-action 'self'; frame-ancestors 'self'");
        check(
            Policy {
                frame_ancestors: &["https://s1.ariba.com", "https://*.ariba.com"],
                form_action: &["https://buyer.example:8443"],
            },
            "form-action https://buyer.example:8443; frame-ancestors 'self' https://s1.ariba.com https://*.ariba.com",
        );
    }

    #[test]
    fn an_origin_cannot_add_a_directive() {
        let bad = [
            "https://a; script-src *",
            "https://a b",
            "javascript:alert(1)",
            "*",
            "https://",
            "https://a/path",
            "https://a,b",
        ];
        check(
            Policy {
                frame_ancestors: &bad,
                form_action: &["https://a;x"],
            },
            "form-action 'self'; frame-ancestors 'self'",
        );
    }
}
