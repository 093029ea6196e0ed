//! The network that a client belongs to, as far as those who count clients care.
//!
//! Rule: an IPv4 address is one however it is written; whoever has an IPv6 network of 64 bits is one client.

use std::net::IpAddr;

use ipnet::IpNet;

/// Leading bits of an IPv4 address that are one client by default.
pub(super) const V4_BITS: u8 = 24;
/// Leading bits of an IPv6 address that are one client by default: what one subscriber has (RFC 6177).
pub(super) const V6_BITS: u8 = 64;

/// The network of so many leading bits; more than an address has count as all of them.
pub(super) fn network_of(ip: IpAddr, v4_bits: u8, v6_bits: u8) -> IpNet {
    let ip = ip.to_canonical();
    let bits = if ip.is_ipv4() { v4_bits.min(32) } else { v6_bits.min(128) };
    IpNet::new(ip, bits).map_or(IpNet::from(ip), |net| net.trunc())
}

/// One of these networks has the address.
pub(super) fn has(networks: &[IpNet], ip: IpAddr) -> bool {
    let ip = ip.to_canonical();
    networks.iter().any(|net| net.contains(&ip))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapped_address_is_the_ipv4_address() {
        let net = |ip: &str| network_of(ip.parse().unwrap(), 24, 64).to_string();
        assert_eq!(net("192.0.2.77"), "192.0.2.0/24");
        assert_eq!(net("::ffff:192.0.2.77"), "192.0.2.0/24");
        assert_eq!(net("2001:db8:1:2:3::4"), "2001:db8:1:2::/64");
        assert_eq!(network_of("192.0.2.77".parse().unwrap(), 99, 64).to_string(), "192.0.2.77/32");
        assert!(has(&["192.0.2.0/24".parse().unwrap()], "::ffff:192.0.2.1".parse().unwrap()));
    }
}
