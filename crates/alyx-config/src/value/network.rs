//! Hosts, ranges of addresses and browser origins.

use std::{fmt, net::IpAddr};

use serde_json::Value as Json;
use url::Url;

use super::{Value, Wrong};
use crate::Kind;

/// A host name or an IP address, without a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host(String);

impl Host {
    /// As text; an IPv6 address has no brackets.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Value for Host {
    fn kind() -> Kind {
        Kind::Host
    }

    fn parse(text: &str) -> Result<Self, Wrong> {
        let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
        if bare.parse::<IpAddr>().is_ok() {
            return Ok(Self(bare.to_owned()));
        }
        if text.contains(':') || text.contains('/') {
            return Err(Wrong::because("the host alone: the port has a setting of its own"));
        }
        let label = |label: &str| {
            let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
            (1..=63).contains(&label.len())
                && label.bytes().all(inner)
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let numeric = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        if !numeric && text.len() <= 253 && text.split('.').all(label) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Wrong::default())
        }
    }

    fn redacted(&self) -> Json {
        self.as_str().into()
    }
}

/// A range of addresses; one address is a range too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cidr {
    address: IpAddr,
    prefix: u8,
}

impl Cidr {
    /// Whether the address is in the range; an IPv4 address mapped into IPv6 counts as IPv4.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(range), IpAddr::V4(address)) => {
                shifted(u128::from(range.to_bits()), 32 - self.prefix)
                    == shifted(u128::from(address.to_bits()), 32 - self.prefix)
            }
            (IpAddr::V6(range), IpAddr::V6(address)) => {
                shifted(range.to_bits(), 128 - self.prefix) == shifted(address.to_bits(), 128 - self.prefix)
            }
            _ => false,
        }
    }

    fn network(address: IpAddr, prefix: u8) -> IpAddr {
        let cut = |bits: u128, drop: u8| shifted(bits, drop).checked_shl(drop.into()).unwrap_or(0);
        match address {
            IpAddr::V4(v4) => {
                let bits = u32::try_from(cut(v4.to_bits().into(), 32 - prefix)).expect("fewer bits than 32");
                std::net::Ipv4Addr::from_bits(bits).into()
            }
            IpAddr::V6(v6) => std::net::Ipv6Addr::from_bits(cut(v6.to_bits(), 128 - prefix)).into(),
        }
    }
}

fn shifted(bits: u128, by: u8) -> u128 {
    bits.checked_shr(by.into()).unwrap_or(0)
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

impl Value for Cidr {
    fn kind() -> Kind {
        Kind::Cidr
    }

    fn parse(text: &str) -> Result<Self, Wrong> {
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.parse().map_err(|_| Wrong::default())?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Ok(bits), |prefix| u16::parse(prefix).map(|prefix| prefix.min(255) as u8))?;
        if prefix > bits {
            return Err(Wrong::because(format!("the number after the / is at most {bits}")));
        }
        let network = Self::network(address, prefix);
        if network != address {
            return Err(Wrong::because(format!("the range starts at {network}/{prefix}")));
        }
        Ok(Self { address, prefix })
    }

    fn redacted(&self) -> Json {
        self.to_string().into()
    }
}

/// An origin that browsers may call from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// `*`: any.
    Any,
    /// This one, as browsers write it: `https://app.example.com`.
    Exact(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Any => "*",
            Self::Exact(origin) => origin,
        })
    }
}

impl Value for Origin {
    fn kind() -> Kind {
        Kind::Origin
    }

    fn parse(text: &str) -> Result<Self, Wrong> {
        if text == "*" {
            return Ok(Self::Any);
        }
        let hint = if text.contains('*') { "* stands alone: name each origin" } else { "scheme, host and port only" };
        let url = Url::parse(text).map_err(|_| Wrong::because(hint))?;
        let origin = url.origin();
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        if !origin.is_tuple() || !bare || text.contains('*') {
            return Err(Wrong::because(hint));
        }
        Ok(Self::Exact(origin.ascii_serialization()))
    }

    fn redacted(&self) -> Json {
        self.to_string().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn within(range: &str, address: &str) -> bool {
        Cidr::parse(range).unwrap().contains(address.parse().unwrap())
    }

    #[test]
    fn a_range_holds_its_addresses_and_no_others() {
        assert!(within("10.0.0.0/8", "10.255.0.1") && !within("10.0.0.0/8", "11.0.0.1"));
        assert!(within("0.0.0.0/0", "8.8.8.8") && !within("0.0.0.0/0", "::1"));
        assert!(within("fd00::/8", "fd12::1") && !within("fd00::/8", "fe80::1"));
        assert!(within("::/0", "2001:db8::1") && within("127.0.0.1", "127.0.0.1") && !within("127.0.0.1", "127.0.0.2"));
    }

    #[test]
    fn a_mapped_address_counts_as_ipv4() {
        assert!(within("10.0.0.0/8", "::ffff:10.1.2.3"));
    }

    #[test]
    fn hosts_are_names_or_addresses() {
        for text in ["localhost", "0.0.0.0", "::1", "[::1]", "db.example.com", "a"] {
            assert!(Host::parse(text).is_ok(), "{text}");
        }
        for text in ["", "127.0.0.1:80", "http://a", "a b", "-a", "a..b", "999.1.1.1", "1.2.3"] {
            assert!(Host::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn origins_are_written_as_browsers_send_them() {
        assert_eq!(Origin::parse("HTTPS://App.Example.com:443/"), Ok(Origin::Exact("https://app.example.com".into())));
        for text in ["https://a.com/path", "https://*.a.com", "a.com", "null", "https://u@a.com", "https://a.com?x"] {
            assert!(Origin::parse(text).is_err(), "{text}");
        }
    }
}
