//! Addresses that are the operator's own: an office, a VPN, a NAT gateway.

use std::{fmt, net::IpAddr, str::FromStr};

/// A network, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network {
    first: IpAddr,
    prefix: u8,
}

impl Network {
    pub fn contains(self, address: IpAddr) -> bool {
        match (self.first, address.to_canonical()) {
            (IpAddr::V4(first), IpAddr::V4(address)) => {
                same(first.to_bits().into(), address.to_bits().into(), 32, self.prefix)
            }
            (IpAddr::V6(first), IpAddr::V6(address)) => {
                same(first.to_bits(), address.to_bits(), 128, self.prefix)
            }
            _ => false,
        }
    }
}

/// Whether two addresses of `bits` bits have the first `prefix` bits in common.
fn same(a: u128, b: u128, bits: u32, prefix: u8) -> bool {
    let rest = bits.saturating_sub(prefix.into());
    // A shift by all 128 bits is none in Rust: a prefix of 0 fits everything.
    (a ^ b).checked_shr(rest).unwrap_or(0) == 0
}

/// `203.0.113.0/24`, `2001:db8::/32`, `203.0.113.7`. Bits beyond the prefix must be zero:
/// one that has others is most often a slip.
impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = "an address (203.0.113.7) or a network (203.0.113.0/24, 2001:db8::/32)";
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let first: IpAddr = address.parse().map_err(|_| form.to_owned())?;
        let most = if first.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => most,
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => {
                digits.parse().ok().filter(|p| *p <= most).ok_or(form)?
            }
            Some(_) => return Err(form.to_owned()),
        };
        let rest = match first {
            IpAddr::V4(v4) => u128::from(v4.to_bits()) << 96,
            IpAddr::V6(v6) => v6.to_bits(),
        };
        match rest.checked_shl(prefix.into()).unwrap_or(0) {
            0 => Ok(Self { first, prefix }),
            _ => Err(format!("bits beyond /{prefix} are not zero")),
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.prefix)
    }
}

/// Whether an event came from one of these: `None` where its `sourceIPAddress` is no
/// address (the name of a service, `AWS Internal`) or missing.
pub fn is_own(networks: &[Network], event: &super::Event) -> Option<bool> {
    let address: IpAddr = event.source_ip.as_ref()?.raw().parse().ok()?;
    Some(networks.iter().any(|network| network.contains(address)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn network(text: &str) -> Network {
        text.parse().expect("a network")
    }

    #[test]
    fn inside_and_outside() {
        for (net, inside, outside) in [
            ("203.0.113.0/24", "203.0.113.255", "203.0.112.255"),
            ("203.0.113.7", "203.0.113.7", "203.0.113.8"),
            ("0.0.0.0/0", "198.51.100.1", "2001:db8::1"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::1"),
            ("::/0", "2001:db8::1", "198.51.100.1"),
            ("203.0.113.0/24", "::ffff:203.0.113.9", "::ffff:203.0.114.9"),
        ] {
            let at = |text: &str| text.parse::<IpAddr>().expect("an address");
            assert!(network(net).contains(at(inside)), "{net} {inside}");
            assert!(!network(net).contains(at(outside)), "{net} {outside}");
        }
    }

    #[test]
    fn slips_are_refused() {
        for bad in [
            "",
            "203.0.113.0/33",
            "203.0.113.7/24",
            "203.0.113/24",
            "x",
            "2001:db8::/129",
            "1.2.3.4/",
            "1.2.3.4/+8",
            "2001:db8::1/64",
        ] {
            assert!(bad.parse::<Network>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_service_is_neither() {
        let event = |address: &str| {
            let raw = format!(r#"{{"eventName":"x","sourceIPAddress":"{address}"}}"#);
            super::super::Event::read(&raw, None).expect("an event")
        };
        let own = [network("203.0.113.0/24")];
        assert_eq!(is_own(&own, &event("203.0.113.4")), Some(true));
        assert_eq!(is_own(&own, &event("198.51.100.4")), Some(false));
        for none in ["ec2.amazonaws.com", "AWS Internal", ""] {
            assert_eq!(is_own(&own, &event(none)), None, "{none}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(bits in any::<u32>(), prefix in 0u8..=32) {
            let kept = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
            let first = IpAddr::from((bits & kept).to_be_bytes());
            let net = network(&format!("{first}/{prefix}"));
            prop_assert_eq!(network(&net.to_string()), net);
            prop_assert!(net.contains(IpAddr::from(bits.to_be_bytes())));
        }
    }
}
