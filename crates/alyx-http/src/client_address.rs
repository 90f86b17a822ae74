//! Whose request it is, as far as the network can tell.

use std::net::IpAddr;

use actix_web::{HttpRequest, http::header::X_FORWARDED_FOR};
use alyx_config::value::Cidr;

/// Who sent the request: the nearest address that is no proxy of ours.
pub(crate) fn client_address(request: &HttpRequest, trusted: &[Cidr]) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip();
    let is_proxy = |address: IpAddr| trusted.iter().any(|range| range.contains(address));
    if !is_proxy(peer) {
        return Some(peer);
    }
    let forwarded = request.headers().get_all(X_FORWARDED_FOR).filter_map(|value| value.to_str().ok());
    let mut hops: Vec<IpAddr> =
        forwarded.flat_map(|list| list.split(',')).filter_map(|hop| hop.trim().parse().ok()).collect();
    hops.push(peer);
    hops.iter().rev().copied().find(|hop| !is_proxy(*hop)).or(hops.first().copied())
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
    }
}
