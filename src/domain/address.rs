//! Addresses that documents and connections name: where a cart may go back to, and where documents may come from.
//!
//! Nothing here is ever fetched; only the user's browser posts to a return address (cXML notes 7.4).

use std::net::IpAddr;

use url::{Host, Url};

use crate::domain::party::Settings;
use crate::domain::refusal::{Code, Refusal};

/// Longest return address in bytes.
pub const RETURN_URL_BYTES_MAX: usize = 4096;

/// Checks `BrowserFormPost/URL` against the connection's list and returns its one serialised form.
///
/// # Errors
/// 400 for an address that no partner may use, 403 for one that this partner may not use.
pub fn return_url(text: &str, settings: &Settings) -> Result<Url, Refusal> {
    let bad = |text: &str| Refusal::new(Code::BadRequest, text).at("BrowserFormPost/URL");
    let text = text.trim_matches([' ', '\t', '\r', '\n']);
    if text.len() > RETURN_URL_BYTES_MAX {
        return Err(bad("The address is longer than 4096 bytes."));
    }
    if text.contains('\\') || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(bad("The address contains a backslash, a blank or a control character."));
    }
    let url = Url::parse(text).map_err(|_| bad("The address must be a complete https address."))?;
    match url.scheme() {
        "https" => {}
        "http" if settings.return_insecure => {}
        _ => return Err(bad("The address must begin with https://.")),
    }
    if !url.username().is_empty() || url.password().is_some() || text.split('/').nth(2).is_some_and(|a| a.contains('@'))
    {
        return Err(bad("The address must not contain a user name."));
    }
    if url.fragment().is_some() {
        return Err(bad("The address must not contain a fragment."));
    }
    let allowed = match url.host() {
        Some(Host::Domain(domain)) => {
            !domain.ends_with('.')
                && settings
                    .return_hosts
                    .iter()
                    .any(|pattern| host_matches(pattern, domain))
        }
        Some(Host::Ipv4(ip)) => settings.return_insecure && settings.return_hosts.contains(&ip.to_string()),
        Some(Host::Ipv6(ip)) => settings.return_insecure && settings.return_hosts.contains(&format!("[{ip}]")),
        None => false,
    };
    let port_allowed = url.port().is_none() || settings.return_insecure || port_listed(&url, settings);
    if !allowed || !port_allowed {
        return Err(Refusal::new(
            Code::Forbidden,
            "The host is not on the list of hosts that may receive carts of this connection.",
        )
        .at("BrowserFormPost/URL"));
    }
    Ok(url)
}

/// Whether a list entry such as `buyer.example.com` or `*.example.com` covers a host, on label boundaries.
pub fn host_matches(pattern: &str, host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    let pattern = pattern.split(':').next().unwrap_or(pattern);
    match pattern.strip_prefix("*.") {
        Some(suffix) => {
            let suffix = ascii_host(suffix);
            host.len() > suffix.len() + 1 && host.ends_with(&suffix) && host[..host.len() - suffix.len()].ends_with('.')
        }
        None => ascii_host(pattern) == host,
    }
}

/// Whether the list names this host with exactly this port, as in `buyer.example.com:8443`.
fn port_listed(url: &Url, settings: &Settings) -> bool {
    let (Some(host), Some(port)) = (url.host_str(), url.port()) else {
        return false;
    };
    settings.return_hosts.iter().any(|pattern| {
        pattern
            .rsplit_once(':')
            .is_some_and(|(pattern, listed)| listed == port.to_string() && host_matches(pattern, host))
    })
}

fn ascii_host(pattern: &str) -> String {
    match Host::parse(pattern) {
        Ok(Host::Domain(domain)) => domain,
        _ => pattern.to_ascii_lowercase(),
    }
}

/// Whether an address lies in one of the networks (`10.0.0.0/8`, `2001:db8::/32`, or one address); an empty list
/// allows every address.
pub fn is_allowed(remote: IpAddr, networks: &[String]) -> bool {
    networks.is_empty()
        || networks
            .iter()
            .any(|network| contains(network, remote).unwrap_or(false))
}

/// Whether `network` contains `address`; `None` when the network cannot be read.
pub fn contains(network: &str, address: IpAddr) -> Option<bool> {
    let (base, prefix) = match network.split_once('/') {
        Some((base, prefix)) => (base, Some(prefix.parse::<u32>().ok()?)),
        None => (network, None),
    };
    let base: IpAddr = base.trim().parse().ok()?;
    let (base, address, width) = match (base, address.to_canonical()) {
        (IpAddr::V4(base), IpAddr::V4(address)) => (u128::from(base.to_bits()), u128::from(address.to_bits()), 32),
        (IpAddr::V6(base), IpAddr::V6(address)) => (base.to_bits(), address.to_bits(), 128),
        _ => return Some(false),
    };
    let prefix = prefix.unwrap_or(width);
    if prefix > width {
        return None;
    }
    let shift = width - prefix;
    Some(shift >= 128 || base >> shift == address >> shift)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::party::{ConnectionSettings, Settings};

    fn settings(hosts: &[&str], insecure: bool) -> Settings {
        let text = r#"
            return_encoding = "cxml-base64"
            cxml_version = "1.2.069"
            start_seconds = 1
            shopping_seconds = 1
            quote_seconds = 1
            operation_allowed = "edit"
            conflict_answer = "refuse"
            update_unknown_creates = false
            order_version_suffix = false
            price_tolerance_percent = "0"
            payment_required = false
            signature_required = false
            accept_test_documents = false
            credential_mac = false
            credential_mac_seconds_max = 1
            secret_match = "exact"
            root_any_case = false
            inbound_grammar = "lenient"
            time_zone = "UTC"
            requests_per_minute = 1
            cart_lines_max = 1
        "#;
        let mut settings: ConnectionSettings = toml::from_str(text).unwrap();
        settings.return_hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
        settings.return_insecure = insecure;
        settings.resolve().unwrap()
    }

    #[test]
    fn return_addresses() {
        let production = settings(
            &["good.com", "*.buyer.example", "ported.example:8443", "bücher.example"],
            false,
        );
        let test = settings(&["localhost", "127.0.0.1"], true);
        for (text, settings, expected) in [
            (
                "https://good.com/return?id=2&x=%20",
                &production,
                "https://good.com/return?id=2&x=%20",
            ),
            ("  https://good.com/a\n", &production, "https://good.com/a"),
            ("https://GOOD.com", &production, "https://good.com/"),
            ("https://eu.buyer.example/x", &production, "https://eu.buyer.example/x"),
            ("https://a.b.buyer.example/", &production, "https://a.b.buyer.example/"),
            (
                "https://ported.example:8443/",
                &production,
                "https://ported.example:8443/",
            ),
            ("https://ported.example:8444/", &production, "403"),
            (
                "https://xn--bcher-kva.example/",
                &production,
                "https://xn--bcher-kva.example/",
            ),
            (
                "https://good.com/?q=\"><script>",
                &production,
                "https://good.com/?q=%22%3E%3Cscript%3E",
            ),
            ("javascript:alert(1)", &production, "400"),
            ("data:text/html,x", &production, "400"),
            ("vbscript:x", &production, "400"),
            ("http://good.com/", &production, "400"),
            ("https://good.com@evil.com/", &production, "400"),
            ("https://good.com.evil.com/", &production, "403"),
            ("https://evilgood.com/", &production, "403"),
            ("https://buyer.example/", &production, "403"),
            ("https://good.com\\@evil/", &production, "400"),
            ("https://go\tod.com/", &production, "400"),
            ("https://gооd.com/", &production, "403"),
            ("https://good.com./", &production, "403"),
            ("https://good.com/#x", &production, "400"),
            ("https://127.0.0.1/", &production, "403"),
            ("https://[::1]/", &production, "403"),
            ("https://0x7f.1/", &production, "403"),
            ("https://169.254.169.254/latest", &production, "403"),
            ("/relative", &production, "400"),
            ("", &production, "400"),
            ("http://localhost:9999/x", &test, "http://localhost:9999/x"),
            ("http://127.0.0.1:9999/x", &test, "http://127.0.0.1:9999/x"),
        ] {
            let outcome = match return_url(text, settings) {
                Ok(url) => url.to_string(),
                Err(refusal) => refusal.code.status().0.to_string(),
            };
            assert_eq!(outcome, expected, "{text}");
        }
        assert!(return_url(&format!("https://good.com/{}", "a".repeat(5000)), &production).is_err());
    }

    #[test]
    fn networks() {
        for (network, address, expected) in [
            ("10.0.0.0/8", "10.2.3.4", Some(true)),
            ("10.0.0.0/8", "11.2.3.4", Some(false)),
            ("10.0.0.1", "10.0.0.1", Some(true)),
            ("0.0.0.0/0", "1.2.3.4", Some(true)),
            ("::/0", "2001:db8::1", Some(true)),
            ("2001:db8::/32", "2001:db8:1::1", Some(true)),
            ("2001:db8::/32", "2001:db9::1", Some(false)),
            ("127.0.0.0/8", "::ffff:127.0.0.1", Some(true)),
            ("10.0.0.0/33", "10.0.0.1", None),
            ("x", "10.0.0.1", None),
        ] {
            assert_eq!(
                contains(network, address.parse().unwrap()),
                expected,
                "{network} {address}"
            );
        }
    }
}
