//! Who a request comes from: the address at the other end of the line, or the one that a proxy we
//! trust names.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use axum::http::HeaderMap;

/// The header in which the proxy says whom it answers for. Only one is read: a proxy sets one and
/// passes the others on as a stranger wrote them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Forwarding {
    /// `X-Forwarded-For`, and `X-Forwarded-Proto` for the protocol.
    #[default]
    XForwarded,
    /// `Forwarded` of RFC 7239.
    Forwarded,
}

impl FromStr for Forwarding {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_ascii_lowercase().as_str() {
            "x-forwarded-for" => Ok(Self::XForwarded),
            "forwarded" => Ok(Self::Forwarded),
            _ => Err("不是 x-forwarded-for 或 forwarded / neither x-forwarded-for nor forwarded"
                .to_owned()),
        }
    }
}

/// Addresses of proxies: one, or all that begin with the same bits (`10.0.0.0/8`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    fn contains(&self, other: IpAddr) -> bool {
        let other = other.to_canonical();
        match (self.address, other) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let drop = 32 - u32::from(self.bits);
                (own.to_bits() ^ other.to_bits()).checked_shr(drop).is_none_or(|rest| rest == 0)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let drop = 128 - u32::from(self.bits);
                (own.to_bits() ^ other.to_bits()).checked_shr(drop).is_none_or(|rest| rest == 0)
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(a, b)| (a, Some(b)));
        let refused = || {
            format!(
                "“{text}”不是地址,也不是网段:应写成 127.0.0.1 或 10.0.0.0/8 / \
                 neither an address nor a network: write 127.0.0.1 or 10.0.0.0/8"
            )
        };
        let address = address.parse::<IpAddr>().map_err(|_| refused())?.to_canonical();
        let all = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(all), |bits| bits.parse().map_err(|_| refused()))?;
        if bits <= all { Ok(Self { address, bits }) } else { Err(refused()) }
    }
}

/// What stands between the server and its readers.
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    /// The proxies whose word about the address counts.
    pub trusted: Vec<Network>,
    /// How they give it.
    pub forwarding: Forwarding,
    /// Whether every reader comes through TLS, whatever a header says.
    pub is_behind_tls: bool,
}

/// Who a request comes from, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Caller {
    address: Option<IpAddr>,
    /// Whether the way from the reader to us, or to the proxy before us, is encrypted.
    pub(crate) is_secure: bool,
}

impl Caller {
    /// The addresses that count as one place: of an IPv6 address the network of one connection.
    pub(crate) fn group(&self) -> String {
        match self.address {
            Some(IpAddr::V6(address)) => {
                let network = Ipv6Addr::from_bits(address.to_bits() >> 64 << 64);
                format!("{network}/64")
            }
            _ => self.to_string(),
        }
    }
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address {
            Some(address) => address.fmt(f),
            None => f.write_str("local"),
        }
    }
}

impl Proxies {
    /// Who sent a request that came over a line from `peer`.
    pub(crate) fn caller(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Caller {
        let peer = peer.map(|address| address.to_canonical());
        let named = peer.filter(|peer| self.is_trusted(*peer));
        let Some(proxy) = named else {
            return Caller { address: peer, is_secure: self.is_behind_tls };
        };
        let address = self.forwarded(proxy, headers);
        let is_secure = self.is_behind_tls || self.is_forwarded_secure(headers);
        Caller { address: Some(address), is_secure }
    }

    fn is_trusted(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(address))
    }

    /// The last address that was not written by a proxy we trust. Each proxy adds the address it
    /// was called from at the end; what stands before that is hearsay.
    fn forwarded(&self, proxy: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut nearest = proxy;
        for step in self.steps(headers).iter().rev() {
            let Some(address) = self.address_of(step) else { return nearest };
            nearest = address;
            if !self.is_trusted(address) {
                return nearest;
            }
        }
        nearest
    }

    /// The elements of the header, the reader's first.
    fn steps<'a>(&self, headers: &'a HeaderMap) -> Vec<&'a str> {
        let name = match self.forwarding {
            Forwarding::XForwarded => "x-forwarded-for",
            Forwarding::Forwarded => "forwarded",
        };
        elements(headers, name)
    }

    fn address_of(&self, step: &str) -> Option<IpAddr> {
        match self.forwarding {
            Forwarding::XForwarded => address(step),
            Forwarding::Forwarded => address(parameter(step, "for")?),
        }
    }

    fn is_forwarded_secure(&self, headers: &HeaderMap) -> bool {
        let protocol = match self.forwarding {
            Forwarding::XForwarded => elements(headers, "x-forwarded-proto").last().copied(),
            Forwarding::Forwarded => {
                self.steps(headers).last().and_then(|step| parameter(step, "proto"))
            }
        };
        protocol.is_some_and(|protocol| protocol.eq_ignore_ascii_case("https"))
    }
}

/// The elements of all lines of a header; a line that is no text counts as one unknown element.
fn elements<'a>(headers: &'a HeaderMap, name: &str) -> Vec<&'a str> {
    let lines = headers.get_all(name).iter();
    lines.flat_map(|line| line.to_str().unwrap_or("?").split(',').map(str::trim)).collect()
}

/// A parameter of an element of `Forwarded`, without its quotation marks.
fn parameter<'a>(element: &'a str, name: &str) -> Option<&'a str> {
    element.split(';').find_map(|pair| {
        let (found, value) = pair.trim().split_once('=')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim_matches('"'))
    })
}

/// An address as proxies write it: plain, with a port, in brackets.
fn address(text: &str) -> Option<IpAddr> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(address.to_canonical());
    }
    if let Ok(socket) = text.parse::<std::net::SocketAddr>() {
        return Some(socket.ip().to_canonical());
    }
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    Some(inner.parse::<IpAddr>().ok()?.to_canonical())
}

#[cfg(test)]
mod tests;
