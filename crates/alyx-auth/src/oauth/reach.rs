//! Which addresses a call to a provider may reach (row 28 of the attacks): asked when a name is resolved and of every
//! address in a URL, so that neither a redirect nor a name that changes its mind leads anywhere else.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// How near an address is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Anybody's.
    Public,
    /// This machine's or its own network's: only for providers that are there themselves.
    Private,
    /// Nobody signs in there: the cloud's own services, groups, links without a router.
    Never,
}

/// Services that clouds offer to the machine itself, on addresses that look like others.
const OF_THE_CLOUD: [IpAddr; 4] = [
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 0, 192)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
];

/// How near an address is.
pub(super) fn of(address: IpAddr) -> Reach {
    if OF_THE_CLOUD.contains(&address) {
        return Reach::Never;
    }
    match address {
        IpAddr::V4(v4) => of_v4(v4),
        IpAddr::V6(v6) => of_v6(v6),
    }
}

/// How near the host of a URL is by its text alone; nothing for a name that must be resolved.
pub(super) fn of_host(url: &Url) -> Option<Reach> {
    match url.host()? {
        Host::Ipv4(address) => Some(of(address.into())),
        Host::Ipv6(address) => Some(of(address.into())),
        Host::Domain(name) => is_local_name(name).then_some(Reach::Private),
    }
}

/// Whether a URL leads to this machine by its text alone.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => is_local_name(name),
        None => false,
    }
}

fn is_local_name(name: &str) -> bool {
    name == "localhost" || name.ends_with(".localhost")
}

fn of_v4(address: Ipv4Addr) -> Reach {
    let [first, second, third, _] = address.octets();
    match (first, second, third) {
        (0, ..) | (224..=255, ..) | (169, 254, _) => Reach::Never,
        (10 | 127, ..) | (172, 16..=31, _) | (192, 168, _) => Reach::Private,
        // Of carriers, of the standards' examples, and of benches.
        (100, 64..=127, _) | (192, 0, 0 | 2) | (198, 18 | 19, _) | (198, 51, 100) | (203, 0, 113) => Reach::Private,
        _ => Reach::Public,
    }
}

fn of_v6(address: Ipv6Addr) -> Reach {
    let [first, second, ..] = address.segments();
    if let Some(inner) = embedded(address) {
        return of(inner.into());
    }
    match (first, second) {
        _ if address.is_loopback() => Reach::Private,
        _ if address.is_unspecified() => Reach::Never,
        // Unique local, site local, and the standards' examples.
        (0xfc00..=0xfdff | 0xfec0..=0xfeff, _) | (0x2001, 0xdb8) | (0x3fff, 0..=0xfff) => Reach::Private,
        // Teredo hides an address behind another.
        (0x2001, 0) => Reach::Never,
        (0x2000..=0x3fff, _) => Reach::Public,
        // Link local, groups, translation of a network's own, and what nobody has given out.
        _ => Reach::Never,
    }
}

/// The IPv4 address that an IPv6 address stands for.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let segments = address.segments();
    let of_two = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(a, b, c, d)
    };
    let last = of_two(segments[6], segments[7]);
    match segments {
        // ::1 and :: are themselves.
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => None,
        // Mapped, translated and compatible.
        [0, 0, 0, 0, 0, 0xffff | 0, ..] | [0, 0, 0, 0, 0xffff, 0, ..] => Some(last),
        // NAT64.
        [0x64, 0xff9b, 0, ..] => Some(last),
        // 6to4.
        [0x2002, high, low, ..] => Some(of_two(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(expected: Reach, addresses: &[&str]) {
        for text in addresses {
            assert_eq!(of(text.parse().unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn ac28_addresses_are_told_apart_in_every_spelling() {
        check(
            Reach::Public,
            &["8.8.8.8", "140.82.121.4", "172.32.0.1", "100.128.0.1", "2606:50c0:8000::154", "::ffff:8.8.8.8"],
        );
        check(
            Reach::Private,
            &[
                "127.0.0.1",
                "127.8.8.8",
                "10.1.2.3",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.1.1",
                "100.64.0.1",
                "198.18.0.1",
                "192.0.2.1",
                "::1",
                "fd12::1",
                "fec0::1",
                "2001:db8::1",
                "::ffff:127.0.0.1",
                "::ffff:10.0.0.1",
                "::127.0.0.1",
                "64:ff9b::10.0.0.1",
                "2002:7f00:1::",
                "2002:c0a8:101::1",
                "::ffff:0:10.0.0.1",
            ],
        );
        check(
            Reach::Never,
            &[
                "0.0.0.0",
                "0.1.2.3",
                "169.254.169.254",
                "169.254.0.1",
                "224.0.0.1",
                "239.1.1.1",
                "255.255.255.255",
                "240.0.0.1",
                "100.100.100.200",
                "168.63.129.16",
                "192.0.0.192",
                "::",
                "fe80::1",
                "ff02::1",
                "fd00:ec2::254",
                "::ffff:169.254.169.254",
                "::169.254.169.254",
                "64:ff9b::169.254.169.254",
                "2002:a9fe:a9fe::",
                "2001::1",
                "::ffff:0.0.0.0",
                "64:ff9b:1::169.254.169.254",
                "::ffff:100.100.100.200",
                "4000::1",
                "5f00::1",
            ],
        );
    }

    #[test]
    fn a_host_is_near_by_its_text_where_it_says_so() {
        let host = |text: &str| of_host(&Url::parse(text).unwrap());
        assert_eq!(host("https://accounts.example.com"), None);
        assert_eq!(host("http://localhost:8080"), Some(Reach::Private));
        assert_eq!(host("http://id.localhost"), Some(Reach::Private));
        // As URLs read them, these are addresses.
        for text in ["http://2852039166", "http://0xa9fea9fe", "http://169.254.43518", "http://[::ffff:a9fe:a9fe]"] {
            assert_eq!(host(text), Some(Reach::Never), "{text}");
        }
        for text in ["http://127.1", "http://0177.0.0.1", "http://[::1]", "https://%31%30.0.0.1"] {
            assert_eq!(host(text), Some(Reach::Private), "{text}");
        }
    }
}
