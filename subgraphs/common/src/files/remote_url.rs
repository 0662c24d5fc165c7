//! Which addresses files may stay at: public ones of the web.
//!
//! This module never fetches them, but a browser that is sent there does, from inside somebody's network: so an address
//! that leads into a private one is no place for a file, however it is written. What a name of the public internet
//! resolves to is looked up beside this, by [`super::HostNames`].

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// The longest URL that is kept.
const MOST_CHARACTERS: usize = 2_000;

/// Endings of names that never belong to the public internet
/// ([RFC 6761](https://www.rfc-editor.org/rfc/rfc6761), [RFC 6762](https://www.rfc-editor.org/rfc/rfc6762),
/// [RFC 8375](https://www.rfc-editor.org/rfc/rfc8375)) or that clouds and networks use inside.
const INSIDE: [&str; 8] = ["localhost", "local", "localdomain", "internal", "intranet", "lan", "corp", "home.arpa"];

/// The name of the host of a URL; `None` when it is an address, which has been read already.
pub(crate) fn host_name(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    url.domain().map(ToOwned::to_owned)
}

/// A URL in its normal form, if it leads to the public web, names nobody and is not absurdly long.
pub(crate) fn remote_url(text: &str) -> Option<String> {
    let url = Url::parse(text.trim()).ok()?;
    let decent = matches!(url.scheme(), "http" | "https")
        && url.host().is_some_and(|host| is_public(&host))
        && url.username().is_empty()
        && url.password().is_none()
        && url.as_str().len() <= MOST_CHARACTERS;
    decent.then(|| url.into())
}

/// Whether a host is one that everybody can reach. The parser of URLs has already read addresses that are written in
/// hexadecimal, in octal or as one number.
fn is_public(host: &Host<&str>) -> bool {
    match host {
        Host::Ipv4(address) => is_public_address(IpAddr::V4(*address)),
        Host::Ipv6(address) => is_public_address(IpAddr::V6(*address)),
        Host::Domain(name) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            let is_inside = |ending: &&str| name.strip_suffix(*ending).is_some_and(|rest| rest.ends_with('.'));
            // A name of one label is found in the search domain of whoever looks it up.
            name.contains('.') && !INSIDE.iter().any(is_inside)
        }
    }
}

/// Whether everybody can reach an address.
pub(super) fn is_public_address(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [first, second, third, _] = address.octets();
            !(address.is_private()
                || address.is_loopback()
                || address.is_link_local()
                || address.is_multicast()
                || address.is_broadcast()
                || address.is_documentation()
                // "This network", carriers' own, protocol assignments, benchmarks, and what is reserved.
                || first == 0
                || (first == 100 && (64..128).contains(&second))
                || (first == 192 && second == 0 && third == 0)
                || (first == 198 && (18..20).contains(&second))
                || first >= 240)
        }
        IpAddr::V6(address) => match embedded(address) {
            Some(inner) => is_public_address(IpAddr::V4(inner)),
            // What is handed out to the public internet; all else is local, private or reserved.
            None => address.segments()[0] & 0xe000 == 0x2000 && address.segments()[..2] != [0x2001, 0xdb8],
        },
    }
}

/// The older address that a newer one stands for: mapped, translated
/// ([RFC 6052](https://www.rfc-editor.org/rfc/rfc6052)) or tunnelled ([RFC 3056](https://www.rfc-editor.org/rfc/rfc3056)).
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let inner = |high: u16, low: u16| Ipv4Addr::from(u32::from(high) << 16 | u32::from(low));
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            Some(inner(high, low))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_urls_of_the_web_are_remote_files() {
        assert_eq!(remote_url(" https://Example.com/a b.jpg ").as_deref(), Some("https://example.com/a%20b.jpg"));
        for kept in
            ["http://93.184.216.34/a.jpg", "https://[2606:2800:220:1::1]/a.jpg", "https://a.b.example.com:8443/"]
        {
            assert_eq!(remote_url(kept).as_deref(), Some(kept));
        }
        for refused in [
            "file:///etc/passwd",
            "javascript:alert(1)",
            "data:text/html,x",
            "/a.jpg",
            "",
            "http://u:p@e.com/",
            "http://",
        ] {
            assert_eq!(remote_url(refused), None, "{refused}");
        }
        assert_eq!(remote_url(&format!("https://example.com/{}", "a".repeat(2_000))), None);
    }

    #[test]
    fn an_address_of_a_private_network_is_refused_however_it_is_written() {
        let hosts = [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0x7f.1",
            "017700000001",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "198.18.0.1",
            "192.0.0.8",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::ffff:a9fe:a9fe]",
            "[fe80::1]",
            "[fd00::1]",
            "[fec0::1]",
            "[ff02::1]",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
            "[2001:db8::1]",
            "[::127.0.0.1]",
            "localhost",
            "LOCALHOST.",
            "a.localhost",
            "printer",
            "printer.local",
            "metadata.google.internal",
            "router.lan",
            "nas.home.arpa",
            "１２７.0.0.1",
        ];
        for host in hosts {
            assert_eq!(remote_url(&format!("http://{host}/a.jpg")), None, "{host}");
            assert_eq!(remote_url(&format!("https://{host}:8080/a.jpg")), None, "{host}");
        }
    }
}
