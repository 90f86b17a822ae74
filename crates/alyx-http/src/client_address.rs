//! Whose request it is, as far as the network can tell.

use std::net::{IpAddr, SocketAddr};

use actix_web::{
    HttpRequest,
    http::header::{HeaderValue, X_FORWARDED_FOR},
};
use alyx_config::value::Cidr;

/// Who sent the request: the nearest address that is no proxy of ours.
pub(crate) fn client_address(request: &HttpRequest, trusted: &[Cidr]) -> Option<IpAddr> {
    let mut nearest = request.peer_addr()?.ip().to_canonical();
    let is_proxy = |address: IpAddr| trusted.iter().any(|range| range.contains(address));
    let lists: Vec<&HeaderValue> = request.headers().get_all(X_FORWARDED_FOR).collect();
    let mut hops = lists.iter().rev().flat_map(|list| list.as_bytes().rsplit(|byte| *byte == b','));
    while is_proxy(nearest) {
        // What is no address ends the chain: whatever stands before it, anybody may have written.
        match hops.next().and_then(address) {
            Some(hop) => nearest = hop,
            None => break,
        }
    }
    Some(nearest)
}

/// An address as proxies write it: some add the port.
fn address(hop: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(hop).ok()?.trim();
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let parsed = bare.parse().or_else(|_| text.parse::<SocketAddr>().map(|address| address.ip()));
    parsed.ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[track_caller]
    fn check(peer: &str, forwarded: &str, expected: &str) {
        let trusted = [alyx_config::value::Value::parse("10.0.0.0/8").unwrap()];
        let request = TestRequest::default().peer_addr(format!("{peer}:1").parse().unwrap());
        let request = request.insert_header((X_FORWARDED_FOR, forwarded)).to_http_request();
        assert_eq!(client_address(&request, &trusted).unwrap().to_string(), expected);
    }

    #[test]
    fn ac15_only_trusted_proxies_are_believed() {
        check("192.0.2.1", "203.0.113.9", "192.0.2.1");
        check("10.0.0.1", "203.0.113.9", "203.0.113.9");
        check("10.0.0.1", "198.51.100.7, 203.0.113.9, 10.0.0.2", "203.0.113.9");
        check("10.0.0.1", "", "10.0.0.1");
        check("10.0.0.1", "203.0.113.9:4711", "203.0.113.9");
        check("10.0.0.1", "[2001:db8::1]:4711, ::ffff:10.0.0.2", "2001:db8::1");
        check("10.0.0.1", "198.51.100.7, unknown", "10.0.0.1");
        check("10.0.0.1", "198.51.100.7, 203.0.113, 10.0.0.2", "10.0.0.2");
    }
}
