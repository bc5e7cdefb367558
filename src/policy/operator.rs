//! Condition operators and their names.

use std::str::FromStr;

/// What is compared, without its negation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Base {
    StringEquals,
    StringEqualsIgnoreCase,
    StringLike,
    Numeric(Order),
    Date(Order),
    Bool,
    BinaryEquals,
    IpAddress,
    /// `ArnEquals` and `ArnLike` "behave identically".
    Arn,
    Null,
}

impl Base {
    /// It asks whether something is true or false, or there at all.
    pub fn is_of_truth(self) -> bool {
        matches!(self, Base::Bool | Base::Null)
    }
}

/// How a number or a date is compared with the policy's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Order {
    Equals,
    LessThan,
    LessThanEquals,
    GreaterThan,
    GreaterThanEquals,
}

/// `ForAllValues:` or `ForAnyValue:`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quantifier {
    ForAllValues,
    ForAnyValue,
}

/// An operator as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Operator {
    pub base: Base,
    pub negated: bool,
    pub if_exists: bool,
    pub quantifier: Option<Quantifier>,
}

impl FromStr for Operator {
    type Err = ();

    /// Reads a name such as `ForAllValues:StringNotLikeIfExists`, in any case.
    fn from_str(text: &str) -> Result<Self, ()> {
        let folded = text.trim().to_ascii_lowercase();
        let (quantifier, name) = match folded.split_once(':') {
            Some(("forallvalues", name)) => (Some(Quantifier::ForAllValues), name),
            Some(("foranyvalue", name)) => (Some(Quantifier::ForAnyValue), name),
            Some(_) => return Err(()),
            None => (None, folded.as_str()),
        };
        let (name, if_exists) = match name.strip_suffix("ifexists") {
            Some(name) => (name, true),
            None => (name, false),
        };
        let order = |rest: &str| {
            Some(match rest {
                "equals" => (Order::Equals, false),
                "notequals" => (Order::Equals, true),
                "lessthan" => (Order::LessThan, false),
                "lessthanequals" => (Order::LessThanEquals, false),
                "greaterthan" => (Order::GreaterThan, false),
                "greaterthanequals" => (Order::GreaterThanEquals, false),
                _ => return None,
            })
        };
        let (base, negated) = match name {
            "stringequals" => (Base::StringEquals, false),
            "stringnotequals" => (Base::StringEquals, true),
            "stringequalsignorecase" => (Base::StringEqualsIgnoreCase, false),
            "stringnotequalsignorecase" => (Base::StringEqualsIgnoreCase, true),
            "stringlike" => (Base::StringLike, false),
            "stringnotlike" => (Base::StringLike, true),
            "bool" => (Base::Bool, false),
            "binaryequals" => (Base::BinaryEquals, false),
            "ipaddress" => (Base::IpAddress, false),
            "notipaddress" => (Base::IpAddress, true),
            "arnequals" | "arnlike" => (Base::Arn, false),
            "arnnotequals" | "arnnotlike" => (Base::Arn, true),
            // "You can add IfExists to … any condition operator name except the Null condition".
            "null" if !if_exists && quantifier.is_none() => (Base::Null, false),
            _ => {
                let numeric = name.strip_prefix("numeric").and_then(order);
                let date = || name.strip_prefix("date").and_then(order);
                match numeric.map(|(o, n)| (Base::Numeric(o), n)) {
                    Some(found) => found,
                    None => date().map(|(o, n)| (Base::Date(o), n)).ok_or(())?,
                }
            }
        };
        Ok(Operator { base, negated, if_exists, quantifier })
    }
}

/// Every operator's own name, for suggestions.
pub const NAMES: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnLike",
    "ArnNotEquals",
    "ArnNotLike",
    "Null",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_an_operator_and_nothing_else_is() {
        for name in NAMES {
            assert!(name.parse::<Operator>().is_ok(), "{name}");
            let quantified = format!("forallvalues:{name}IfExists");
            assert_eq!(quantified.parse::<Operator>().is_ok(), *name != "Null", "{quantified}");
        }
        for bad in ["", "Equals", "StringEqual", "ForSome:StringEquals", "NullIfExists"] {
            assert!(bad.parse::<Operator>().is_err(), "{bad}");
        }
    }
}
