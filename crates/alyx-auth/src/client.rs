//! Who a request comes from, as far as the connection tells.

use std::net::IpAddr;

/// Longest name of a client that is kept.
const LONGEST_AGENT: usize = 256;

/// The client of a request.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// Its address, believed as `server.trusted_proxies` says; none for a command on the machine.
    pub ip: Option<IpAddr>,
    /// What it calls itself.
    pub user_agent: Option<String>,
    /// The id of the request.
    pub request_id: Option<String>,
}

impl Client {
    /// The address as sessions and the audit log keep it.
    pub(crate) fn ip_text(&self) -> Option<String> {
        self.ip.map(|ip| ip.to_canonical().to_string())
    }

    /// What it calls itself, cut to what a list of sessions can show.
    pub(crate) fn agent(&self) -> Option<String> {
        let agent = self.user_agent.as_ref()?;
        Some(agent.chars().filter(|letter| !letter.is_control()).take(LONGEST_AGENT).collect())
    }

    /// What counts as one address: an IPv6 customer has a whole /64.
    pub(crate) fn network(&self) -> Option<IpAddr> {
        self.ip.map(network)
    }
}

/// The address, or the /64 that it is in.
pub(crate) fn network(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(v6) => std::net::Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::{Client, network};

    #[test]
    fn an_ipv6_customer_is_one_address() {
        let of = |text: &str| network(text.parse().unwrap()).to_string();
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(of("192.0.2.7"), "192.0.2.7");
        assert_eq!(of("::ffff:192.0.2.7"), "192.0.2.7");
    }

    #[test]
    fn a_clients_name_is_cut_and_cleaned() {
        let agent = format!("a\r\nb\u{0}{}", "x".repeat(1000));
        let client = Client { user_agent: Some(agent), ..Client::default() };
        let kept = client.agent().unwrap();
        assert!(kept.starts_with("abx") && kept.len() == 256);
    }
}
