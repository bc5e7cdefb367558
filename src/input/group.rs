//! Commands by what they are for, for the help.

use super::{Command, Scope, aliases};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// What only this place has.
    Here,
    Narrowing,
    Same,
    Change,
    Moving,
    Places,
    Halon,
}

impl Group {
    pub const ALL: [Group; 7] = [
        Group::Here,
        Group::Narrowing,
        Group::Same,
        Group::Change,
        Group::Moving,
        Group::Places,
        Group::Halon,
    ];

    pub fn title(self) -> &'static str {
        match self {
            Group::Here => "Here",
            Group::Narrowing => "What is shown, and in which order",
            Group::Same => "From here to others that have something in common",
            Group::Change => "Being armed",
            Group::Moving => "Moving about, and searching",
            Group::Places => "Places",
            Group::Halon => "Halon itself",
        }
    }
}

impl Command {
    pub fn group(self) -> Group {
        use Command as C;
        match self {
            _ if !aliases(self).is_empty() => Group::Places,
            C::Arm | C::Disarm | C::EndGlass => Group::Change,
            C::Down
            | C::Up
            | C::PageDown
            | C::PageUp
            | C::First
            | C::Last
            | C::Focus
            | C::Open
            | C::Back
            | C::NextTab
            | C::PreviousTab
            | C::Search
            | C::NextMatch
            | C::PreviousMatch => Group::Moving,
            C::Filter
            | C::Severity
            | C::State
            | C::Account
            | C::Region
            | C::Service
            | C::SameType
            | C::ClearFilters
            | C::Sort
            | C::Reverse
            | C::Chart
            | C::SaveFilter
            | C::SavedFilters
            | C::DropFilter
            | C::Wider
            | C::Narrower
            | C::Earlier
            | C::Later
            | C::FailedOnly => Group::Narrowing,
            C::Same
            | C::SameKey
            | C::SameAddress
            | C::SameAgent
            | C::SameRole
            | C::SameUser
            | C::SameResource
            | C::SameName
            | C::SameService
            | C::GivenKey
            | C::SameTime => Group::Same,
            _ if self.info().scopes == [Scope::Global] => Group::Halon,
            _ => Group::Here,
        }
    }
}
