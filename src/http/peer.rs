//! Who is at the other end of a request.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::HttpRequest;

use crate::domain::address;

/// The client's address: the connection's, or what a trusted proxy says of it.
///
/// Read from the right, because only the last entries are our proxies' own; everything before is the client's word.
pub fn address(request: &HttpRequest, trusted_proxies: &[String]) -> IpAddr {
    let peer = request
        .peer_addr()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip().to_canonical());
    let is_proxy = |address: IpAddr| {
        trusted_proxies
            .iter()
            .any(|network| address::contains(network, address).unwrap_or(false))
    };
    if !is_proxy(peer) {
        return peer;
    }
    let mut client = peer;
    let headers: Vec<&str> = request
        .headers()
        .get_all("x-forwarded-for")
        .filter_map(|value| value.to_str().ok())
        .collect();
    for hop in headers.iter().rev().flat_map(|header| header.rsplit(',')) {
        let Ok(hop) = hop.trim().parse::<IpAddr>() else { break };
        client = hop.to_canonical();
        if !is_proxy(client) {
            break;
        }
    }
    client
}
