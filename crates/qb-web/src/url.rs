//! Addresses: the state of a page lives in them, personal data never does.

use std::fmt::Write as _;

/// Percent-encodes one value of a query or path segment.
pub(crate) fn encode(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

/// An address with the parameters that have a value.
pub(crate) fn with_query(path: &str, parameters: &[(&str, &str)]) -> String {
    let mut out = path.to_owned();
    let mut separator = '?';
    for (name, value) in parameters.iter().filter(|(_, value)| !value.is_empty()) {
        let _ = write!(out, "{separator}{name}={}", encode(value));
        separator = '&';
    }
    out
}

/// Whether an address stays on this server: a path, not another host in disguise.
pub(crate) fn is_local(address: &str) -> bool {
    address.starts_with('/')
        && !address.starts_with("//")
        && !address.contains('\\')
        && !address.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_encoded_and_empty_ones_left_out() {
        let address =
            with_query("/households", &[("area", "3203"), ("q", "练马&1"), ("clause", "")]);
        assert_eq!(address, "/households?area=3203&q=%E7%BB%83%E9%A9%AC%261");
    }

    #[test]
    fn an_address_on_another_host_is_not_local() {
        for address in ["https://a.example/", "//a.example", "/\\a.example", "a", "/x\r\ny"] {
            assert!(!is_local(address), "{address:?}");
        }
        assert!(is_local("/households?area=3203"));
    }
}
