//! From events to sessions, one event at a time and in whatever order they come.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};

use super::{
    Counted, Kind, Session, Sessions, Untold,
    group::Group,
    issue::{Given, Issue, To, shared},
};
use crate::domain::{
    AccountId, Untrusted,
    event::{Event, assumed_role},
};

/// How far a session's `creationDate` may be from the time of the call that began it. Both
/// are whole seconds, written by different machines.
const APART: SignedDuration = SignedDuration::from_secs(2);

/// The same for a sign-in to the console, which a person's browser carries on.
const SIGN_IN_APART: SignedDuration = SignedDuration::from_secs(5);

/// Takes events in and gives sessions back. What it keeps grows with the sessions, not with
/// the events.
#[derive(Debug, Default)]
pub struct Stitcher {
    drafts: Vec<Draft>,
    /// What each draft was made for.
    groups: Vec<Group>,
    /// The draft of each group; where sessions turned out to be one, several have the same.
    places: HashMap<Group, usize>,
    issues: Vec<Issue>,
}

/// A session in the making. Whatever order its events came in, it is the same.
#[derive(Debug, Default)]
struct Draft {
    face: Option<(Order, Face)>,
    keys: BTreeSet<Untrusted>,
    source_identity: Option<(Order, Untrusted)>,
    began: Option<Timestamp>,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    events: u64,
    failed: u64,
    /// Events in which no service called in the session's name.
    direct: u64,
    addresses: BTreeMap<Untrusted, u64>,
    agents: BTreeMap<Untrusted, u64>,
    through: BTreeSet<Untrusted>,
    console: bool,
    /// Somebody was given these credentials in the stretch of time that is looked at.
    given: bool,
}

/// Which of several events speaks for a session: one of its own account, then the oldest.
type Order = (bool, bool, Option<Timestamp>, Untrusted);

/// Who a session is.
#[derive(Clone, Debug)]
struct Face {
    /// `userIdentity.type`.
    kind: Option<Untrusted>,
    principal: Untrusted,
    account: Option<AccountId>,
    role: Option<Untrusted>,
    /// The ARN of the role's session, where it is one.
    session: Option<Box<str>>,
    /// What the call that gave out the credentials calls them.
    given: Option<Given>,
}

impl Face {
    fn of(event: &Event) -> Face {
        let identity = &event.identity;
        let arn = identity.arn.as_ref().map(Untrusted::raw);
        let issuer = identity.issuer.as_ref();
        let is_role =
            |i: &&crate::domain::event::Issuer| i.kind.as_ref().is_some_and(|k| k.raw() == "Role");
        Face {
            kind: identity.kind.clone(),
            principal: identity.principal(),
            account: identity.account.clone().or_else(|| event.account.clone()),
            role: issuer.filter(is_role).and_then(|i| i.arn.clone()).or_else(|| identity.role()),
            session: arn.filter(|arn| assumed_role(arn).is_some()).map(Into::into),
            given: None,
        }
    }

    fn given(to: &To) -> Face {
        Face {
            kind: None,
            principal: to.principal.clone(),
            account: to.account.clone(),
            role: to.role.clone(),
            session: to.session.clone(),
            given: Some(to.kind),
        }
    }

    fn is(&self, kind: &str) -> bool {
        self.kind.as_ref().is_some_and(|k| k.raw() == kind)
    }
}

impl Draft {
    fn look(&mut self, order: Order, face: impl FnOnce() -> Face) {
        if self.face.as_ref().is_none_or(|(known, _)| order < *known) {
            self.face = Some((order, face()));
        }
    }

    fn identify(&mut self, order: &Order, identity: &Untrusted) {
        if self.source_identity.as_ref().is_none_or(|(known, _)| order < known) {
            self.source_identity = Some((order.clone(), identity.clone()));
        }
    }

    fn count(&mut self, event: &Event) {
        self.events += 1;
        self.failed += u64::from(event.failed());
        self.first = [self.first, event.time].into_iter().flatten().min();
        self.last = self.last.max(event.time);
        let counted = |counts: &mut BTreeMap<Untrusted, u64>, value: &Option<Untrusted>| {
            if let Some(value) = value {
                // Not `entry`: most values are there already, and need no copy.
                match counts.get_mut(value) {
                    Some(count) => *count += 1,
                    None => drop(counts.insert(value.clone(), 1)),
                }
            }
        };
        counted(&mut self.addresses, &event.source_ip);
        counted(&mut self.agents, &event.user_agent);
    }

    fn absorb(&mut self, other: Draft) {
        if let Some((order, face)) = other.face {
            self.look(order, || face);
        }
        if let Some((order, identity)) = &other.source_identity {
            self.identify(order, identity);
        }
        self.keys.extend(other.keys);
        self.through.extend(other.through);
        self.first = [self.first, other.first].into_iter().flatten().min();
        self.last = self.last.max(other.last);
        self.events += other.events;
        self.failed += other.failed;
        self.direct += other.direct;
        self.console |= other.console;
        self.given |= other.given;
        for (mine, theirs) in
            [(&mut self.addresses, other.addresses), (&mut self.agents, other.agents)]
        {
            for (value, count) in theirs {
                *mine.entry(value).or_default() += count;
            }
        }
    }

    /// Its keys are not those that the call gave out: see [`Group::Temporary`].
    fn changes_keys(&self) -> bool {
        self.keys.is_empty() || self.console || (self.direct == 0 && !self.through.is_empty())
    }

    fn kind(&self, group: &Group) -> Kind {
        let Some((_, face)) = &self.face else { return Kind::Unknown };
        match group {
            Group::Service { .. } => Kind::Service,
            Group::Account(_) => Kind::Account,
            Group::Forwarded(_) => Kind::Forwarded,
            _ if face.is("AWSAccount") => Kind::Account,
            _ if face.is("Root") || face.given == Some(Given::Root) => Kind::Root,
            Group::Key(_) => Kind::AccessKey,
            _ if face.session.is_some() || face.given == Some(Given::Role) => Kind::Role,
            Group::SignIn { .. } => Kind::Console,
            Group::Unkeyed(_) if face.is("SAMLUser") => Kind::Saml,
            Group::Unkeyed(_) if face.is("WebIdentityUser") => Kind::WebIdentity,
            Group::Unkeyed(_) => Kind::Unknown,
            _ if face.is("FederatedUser") || face.given == Some(Given::FederatedUser) => {
                Kind::FederatedUser
            }
            _ if face.is("IdentityCenterUser") => Kind::IdentityCenter,
            _ if self.console => Kind::Console,
            _ if face.given == Some(Given::SessionToken) => Kind::SessionToken,
            _ => Kind::Temporary,
        }
    }
}

impl Stitcher {
    /// Takes in an event.
    pub fn add(&mut self, event: &Event) {
        let at = self.learn_of(event);
        self.issue(event, at, true);
        self.drafts[at].count(event);
    }

    /// Takes from an event outside the time that is looked at only whom it gave credentials
    /// to: a session may have begun before.
    pub fn learn(&mut self, event: &Event) {
        if event.issued.is_some() {
            let at = self.learn_of(event);
            self.issue(event, at, false);
        }
    }

    fn learn_of(&mut self, event: &Event) -> usize {
        let group = Group::of(event);
        let at = self.place(group);
        let draft = &mut self.drafts[at];
        let elsewhere = event.identity.kind.as_ref().is_some_and(|k| k.raw() == "AWSAccount");
        let order: Order = (elsewhere, event.time.is_none(), event.time, event.id.clone());
        draft.look(order.clone(), || Face::of(event));
        if let Some(key) = event.access_key().filter(|k| !k.is_empty())
            && !draft.keys.contains(key)
        {
            draft.keys.insert(key.clone());
        }
        if let Some(identity) = &event.identity.source_identity {
            draft.identify(&order, identity);
        }
        match &event.identity.invoked_by {
            Some(service) => drop(draft.through.insert(service.clone())),
            None => draft.direct += 1,
        }
        draft.console |= event.identity.from_console || event.name.raw() == "ConsoleLogin";
        at
    }

    fn issue(&mut self, event: &Event, from: usize, counted: bool) {
        let Some(issued) = &event.issued else { return };
        self.issues.push(Issue {
            key: issued.access_key.clone(),
            shared: shared(event),
            event: event.id.clone(),
            at: event.time,
            from,
            by_name: event.identity.kind.as_ref().is_none_or(|k| k.raw() != "AWSAccount"),
            counted,
            to: To::read(event),
        });
    }

    fn place(&mut self, group: Group) -> usize {
        let next = self.drafts.len();
        let began = match &group {
            Group::Temporary { began, .. } => Some(*began),
            Group::SignIn { at, .. } => Some(*at),
            _ => None,
        };
        let at = *self.places.entry(group.clone()).or_insert(next);
        if at == next {
            self.groups.push(group);
            self.drafts.push(Draft { began, ..Draft::default() });
        }
        at
    }

    /// The sessions of all that was taken in.
    pub fn finish(mut self) -> Sessions {
        // What came in another order is not another answer.
        self.issues.sort_by(|a, b| (a.at, &a.event, &a.key).cmp(&(b.at, &b.event, &b.key)));
        self.join_keys();
        self.join();
        let used: HashSet<Untrusted> =
            self.drafts.iter().flat_map(|d| d.keys.iter().cloned()).collect();
        self.give(&used);
        let givers = self.givers(&used);
        self.close(givers)
    }

    /// The drafts with what each was made for, in an order that is always the same.
    fn in_order(&self) -> Vec<(Group, usize)> {
        let own = self.places.iter().filter(|(group, at)| self.groups[**at] == **group);
        let mut groups: Vec<_> = own.map(|(group, at)| (group.clone(), *at)).collect();
        groups.sort();
        groups
    }

    /// Keys of a role's session that stood apart until all were known: those of the console,
    /// and what a service did in the name of the only session that it can have been.
    fn join_keys(&mut self) {
        type Keyed = (Untrusted, usize);
        let mut keyed: HashMap<(Box<str>, Timestamp), Vec<Keyed>> = HashMap::new();
        let mut loose: Vec<(Box<str>, Timestamp, usize)> = Vec::new();
        for (group, at) in self.in_order() {
            match group {
                Group::Temporary { who, began, key: Some(key) } => {
                    keyed.entry((who, began)).or_default().push(((*key).into(), at));
                }
                Group::Temporary { who, began, key: None } => loose.push((who, began, at)),
                _ => {}
            }
        }
        let mut given: HashMap<&str, Vec<(Timestamp, &Untrusted)>> = HashMap::new();
        for issue in &self.issues {
            if let (Some(session), Some(at)) = (&issue.to.session, issue.at) {
                given.entry(session).or_default().push((at, &issue.key));
            }
        }
        let mut moves = Vec::new();
        for (who, began, at) in loose {
            let given = given.get(&*who).into_iter().flatten();
            let given = given.filter(|(at, _)| apart(*at, began) <= APART).map(|(_, key)| *key);
            let given: BTreeSet<Untrusted> = given.cloned().collect();
            let Some(keyed) = keyed.get(&(who, began)) else { continue };
            let draft = &self.drafts[at];
            let (same, other): (Vec<&Keyed>, Vec<&Keyed>) =
                keyed.iter().partition(|(key, _)| draft.keys.contains(key));
            moves.extend(same.iter().map(|(_, from)| (*from, at)));
            if let (true, [(key, to)], false) = (same.is_empty(), &other[..], draft.console)
                && given.iter().all(|given| given == key)
            {
                moves.push((at, *to));
            }
        }
        self.merge(moves);
    }

    /// Puts each first draft into its second, which is put into none itself.
    fn merge(&mut self, moves: Vec<(usize, usize)>) {
        let mut to_of: Vec<usize> = (0..self.drafts.len()).collect();
        for (from, to) in moves {
            let draft = std::mem::take(&mut self.drafts[from]);
            self.drafts[to].absorb(draft);
            to_of[from] = to;
        }
        for at in self.places.values_mut().chain(self.issues.iter_mut().map(|i| &mut i.from)) {
            *at = to_of[*at];
        }
    }

    /// Sessions that turned out to be one.
    fn join(&mut self) {
        let groups = self.in_order();
        let mut by_key: HashMap<&Untrusted, Vec<usize>> = HashMap::new();
        let mut by_who: HashMap<&str, Vec<(Timestamp, usize)>> = HashMap::new();
        let mut sign_ins: HashMap<&str, Vec<Timestamp>> = HashMap::new();
        for (group, at) in &groups {
            if let Group::SignIn { who, at } = group {
                // Two in one second are one group.
                let times = self.drafts[self.places[group]].events;
                let times = usize::try_from(times).unwrap_or(usize::MAX).clamp(1, 2);
                sign_ins.entry(who).or_default().extend(std::iter::repeat_n(*at, times));
            }
            if let Group::Temporary { who, began, .. } = group {
                by_who.entry(who).or_default().push((*began, *at));
                for key in &self.drafts[*at].keys {
                    by_key.entry(key).or_default().push(*at);
                }
            }
        }
        let given: HashSet<&Untrusted> = self.issues.iter().map(|i| &i.key).collect();
        let mut moves: Vec<(usize, usize)> = Vec::new();
        let mut forwarded: Vec<(usize, Group)> = Vec::new();
        for (group, at) in &groups {
            let draft = &self.drafts[*at];
            match group {
                Group::TemporaryKey(key) => {
                    if let Some([to]) = by_key.get(&Untrusted::from(&**key)).map(Vec::as_slice) {
                        moves.push((*at, *to));
                    }
                }
                Group::SignIn { who, at: signed_in } => {
                    // Where it could be another, it is none.
                    let near = by_who.get(&**who).into_iter().flatten();
                    let mut near =
                        near.filter(|(began, _)| apart(*began, *signed_in) <= SIGN_IN_APART);
                    let (Some((began, to)), None) = (near.next(), near.next()) else { continue };
                    let others = sign_ins.get(&**who).into_iter().flatten();
                    if others.filter(|other| apart(*began, **other) <= SIGN_IN_APART).count() == 1 {
                        moves.push((*at, *to));
                    }
                }
                Group::Temporary { who, .. } => {
                    let is_role = draft.face.as_ref().is_some_and(|(_, f)| f.session.is_some());
                    let by_itself = draft.direct > 0 || draft.console || is_role;
                    if !by_itself && !draft.keys.iter().any(|key| given.contains(key)) {
                        forwarded.push((*at, Group::Forwarded(who.clone())));
                    }
                }
                _ => {}
            }
        }
        // A sign-in is no longer a session of its own that a service could have called for.
        let signed_in: HashSet<usize> = moves.iter().map(|(_, to)| *to).collect();
        for (at, group) in forwarded.into_iter().filter(|(at, _)| !signed_in.contains(at)) {
            let to = self.place(group);
            moves.push((at, to));
        }
        self.merge(moves);
    }

    /// Credentials that were given out and that no event uses are sessions too: they may be
    /// in use where nobody looked.
    fn give(&mut self, used: &HashSet<Untrusted>) {
        for at in 0..self.issues.len() {
            let issue = &self.issues[at];
            if used.contains(&issue.key) {
                continue;
            }
            let key = issue.key.raw();
            let group = match (issue.to.kind, &issue.to.session, issue.at) {
                (Given::AccessKey, ..) => Group::Key(key.into()),
                (_, Some(session), Some(at)) => {
                    Group::Temporary { who: session.clone(), began: at, key: Some(key.into()) }
                }
                _ => Group::TemporaryKey(key.into()),
            };
            let order: Order = (!issue.by_name, issue.at.is_none(), issue.at, issue.event.clone());
            let (key, counted, began) = (issue.key.clone(), issue.counted, issue.at);
            let face = Face::given(&issue.to);
            let to = self.place(group);
            let draft = &mut self.drafts[to];
            draft.keys.insert(key);
            draft.given |= counted;
            if draft.events == 0 {
                draft.began = draft.began.or(began);
                draft.look(order, || face);
            }
        }
    }

    /// For each session the call that gave out its credentials, or why there is none.
    ///
    /// A call that names the key gave out that one and no other. Only of a session whose
    /// keys change, or that shows none, can it be told by its name and its beginning.
    fn givers(&mut self, used: &HashSet<Untrusted>) -> Vec<Result<usize, Option<Untold>>> {
        let mut by_key: HashMap<&Untrusted, Vec<usize>> = HashMap::new();
        let mut by_session: HashMap<&str, Vec<usize>> = HashMap::new();
        for (at, issue) in self.issues.iter().enumerate() {
            by_key.entry(&issue.key).or_default().push(at);
            if let Some(session) = &issue.to.session {
                by_session.entry(session).or_default().push(at);
            }
        }
        let mut givers = Vec::with_capacity(self.drafts.len());
        for (at, draft) in self.drafts.iter().enumerate() {
            let mut calls: Vec<usize> = Vec::new();
            for key in &draft.keys {
                calls.extend(self.named(by_key.get(key).map_or(&[][..], Vec::as_slice)));
            }
            let session = draft.face.as_ref().and_then(|(_, f)| f.session.as_deref());
            if calls.is_empty()
                && let (Some(session), Some(began)) = (session, draft.began)
            {
                let near = by_session.get(session).into_iter().flatten().copied();
                let may_be = |issue: &Issue| {
                    let key_fits = issue.key.is_empty()
                        || (draft.changes_keys() && !used.contains(&issue.key));
                    key_fits && issue.at.is_some_and(|at| apart(at, began) <= APART)
                };
                let near: Vec<usize> = near.filter(|i| may_be(&self.issues[*i])).collect();
                calls.extend(self.named(&near));
            }
            // Who assumes a role anew with the role's own session is no parent of itself.
            calls.retain(|call| self.issues[*call].from != at);
            let from: BTreeSet<usize> = calls.iter().map(|call| self.issues[*call].from).collect();
            givers.push(match (from.len(), calls.iter().min()) {
                (1, Some(first)) => Ok(*first),
                (0, _) => Err(None),
                _ => Err(Some(Untold::Several)),
            });
        }
        // What the call says of the credentials, the session's own events do not.
        for (at, giver) in givers.iter().enumerate() {
            let (Ok(call), draft) = (giver, &mut self.drafts[at]) else { continue };
            let issue = &self.issues[*call];
            if let Some((_, face)) = &mut draft.face {
                face.given = Some(issue.to.kind);
                if face.role.as_ref().is_none_or(|role| !role.raw().starts_with("arn:")) {
                    face.role = issue.to.role.clone().or(face.role.take());
                }
            }
            if let (None, Some(identity)) = (&draft.source_identity, &issue.to.source_identity) {
                let order = (false, issue.at.is_none(), issue.at, issue.event.clone());
                draft.source_identity = Some((order, identity.clone()));
            }
            draft.began = draft.began.or(issue.at);
        }
        givers
    }

    /// Each call once: one to another account stands in both trails, and only the caller's
    /// own names the caller.
    fn named(&self, calls: &[usize]) -> Vec<usize> {
        let named: Vec<&Issue> =
            calls.iter().map(|c| &self.issues[*c]).filter(|i| i.by_name).collect();
        let is_copy = |issue: &Issue| named.iter().any(|other| issue.is_the_call_of(other));
        let kept = |call: &usize| self.issues[*call].by_name || !is_copy(&self.issues[*call]);
        calls.iter().copied().filter(kept).collect()
    }

    fn close(self, givers: Vec<Result<usize, Option<Untold>>>) -> Sessions {
        let mut parents: Vec<Option<usize>> =
            givers.iter().map(|g| g.as_ref().ok().map(|call| self.issues[*call].from)).collect();
        let ids: Vec<String> = self.groups.iter().map(Group::id).collect();
        let circles = cut_circles(&mut parents, &ids);
        let order = top_down(&parents);
        // Kept is what has events or was given out in the time looked at, and what is above it.
        let mut kept: Vec<bool> = self.drafts.iter().map(|d| d.events > 0 || d.given).collect();
        for at in order.iter().rev() {
            if let (true, Some(parent)) = (kept[*at], parents[*at]) {
                kept[parent] = true;
            }
        }
        let mut sessions: Vec<Option<Session>> = vec![None; self.drafts.len()];
        let mut drafts = self.drafts;
        for at in order {
            let draft = std::mem::take(&mut drafts[at]);
            let parent = parents[at];
            let above = parent.and_then(|p| sessions[p].as_ref());
            let kind = draft.kind(&self.groups[at]);
            let issued = givers[at].as_ref().ok().filter(|_| parent.is_some());
            let untold = match (&givers[at], kind) {
                _ if circles.contains(&at) => Some(Untold::Circle),
                (Ok(_), _) => None,
                (Err(Some(why)), _) => Some(*why),
                (Err(None), Kind::Account) => Some(Untold::Elsewhere),
                (Err(None), Kind::Role | Kind::Temporary | Kind::FederatedUser) => {
                    Some(Untold::NotHere)
                }
                (Err(None), _) => None,
            };
            let mut session = draft.session(ids[at].clone(), kind);
            session.untold = untold;
            session.issued_by = issued.map(|call| self.issues[*call].event.clone());
            if let Some(above) = above {
                session.assumed_by = Some(above.id.clone());
                session.assumed_by_principal = Some(above.principal.clone());
                session.complete = above.complete;
                session.origin = above.origin.clone();
                // It cannot be changed along the chain, and a long-term key has none.
                if kind != Kind::AccessKey && session.source_identity.is_none() {
                    session.source_identity = above.source_identity.clone();
                }
            } else {
                session.complete = kind.names_somebody() && untold != Some(Untold::Circle);
                session.origin = session.complete.then(|| session.principal.clone());
            }
            sessions[at] = Some(session);
        }
        arrange(sessions, &parents, &kept, self.places)
    }
}

impl Draft {
    fn session(self, id: String, kind: Kind) -> Session {
        let face = self.face.map(|(_, face)| face);
        let (principal, account, role) = match face {
            Some(face) => (face.principal, face.account, face.role),
            None => Default::default(),
        };
        Session {
            id,
            kind,
            principal,
            account,
            role,
            access_keys: self.keys.into_iter().collect(),
            source_identity: self.source_identity.map(|(_, identity)| identity),
            assumed_by: None,
            assumed_by_principal: None,
            issued_by: None,
            origin: None,
            complete: false,
            untold: None,
            began: self.began,
            first_seen: self.first,
            last_seen: self.last,
            events: self.events,
            failed: self.failed,
            addresses: counted(self.addresses),
            agents: counted(self.agents),
            through: self.through.into_iter().collect(),
        }
    }
}

fn counted(counts: BTreeMap<Untrusted, u64>) -> Vec<Counted> {
    let mut list: Vec<Counted> =
        counts.into_iter().map(|(value, events)| Counted { value, events }).collect();
    list.sort_by_key(|c| std::cmp::Reverse(c.events));
    list
}

fn apart(a: Timestamp, b: Timestamp) -> SignedDuration {
    a.duration_since(b).abs()
}

/// Takes one link out of every circle, and gives the sessions that lost theirs. Which one
/// goes does not depend on the order of the events.
fn cut_circles(parents: &mut [Option<usize>], ids: &[String]) -> HashSet<usize> {
    let mut cut = HashSet::new();
    // 0 not looked at; else the number of the walk that came by.
    let mut walked = vec![0usize; parents.len()];
    for start in 0..parents.len() {
        let walk = start + 1;
        let mut at = start;
        while walked[at] == 0 {
            walked[at] = walk;
            match parents[at] {
                Some(parent) => at = parent,
                None => break,
            }
        }
        if walked[at] != walk || parents[at].is_none() {
            continue;
        }
        // Once around.
        let (mut least, mut here) = (at, parents[at]);
        while let Some(next) = here.filter(|h| *h != at) {
            if ids[next] < ids[least] {
                least = next;
            }
            here = parents[next];
        }
        parents[least] = None;
        cut.insert(least);
    }
    cut
}

/// Every place, each after its parent. There must be no circles.
fn top_down(parents: &[Option<usize>]) -> Vec<usize> {
    let mut children = vec![Vec::new(); parents.len()];
    let mut order = Vec::with_capacity(parents.len());
    for (at, parent) in parents.iter().enumerate() {
        match parent {
            Some(parent) => children[*parent].push(at),
            None => order.push(at),
        }
    }
    let mut next = 0;
    while next < order.len() {
        order.extend(std::mem::take(&mut children[order[next]]));
        next += 1;
    }
    order
}

/// The sessions kept, in order, with links between their new places.
fn arrange(
    sessions: Vec<Option<Session>>,
    parents: &[Option<usize>],
    kept: &[bool],
    mut places: HashMap<Group, usize>,
) -> Sessions {
    let mut rows: Vec<(usize, Session)> = sessions
        .into_iter()
        .enumerate()
        .filter_map(|(at, session)| Some((at, session.filter(|_| kept[at])?)))
        .collect();
    rows.sort_by(|(_, a), (_, b)| {
        let order = |s: &Session| (s.first_seen.is_none(), s.first_seen, s.began);
        order(a).cmp(&order(b)).then_with(|| a.id.cmp(&b.id))
    });
    let new: HashMap<usize, usize> =
        rows.iter().enumerate().map(|(new, (old, _))| (*old, new)).collect();
    let parents: Vec<Option<usize>> = rows
        .iter()
        .map(|(old, _)| parents[*old].and_then(|parent| new.get(&parent).copied()))
        .collect();
    let mut children = vec![Vec::new(); rows.len()];
    for (at, parent) in parents.iter().enumerate() {
        if let Some(parent) = parent {
            children[*parent].push(at);
        }
    }
    places.retain(|_, at| match new.get(at) {
        Some(place) => {
            *at = *place;
            true
        }
        None => false,
    });
    Sessions { list: rows.into_iter().map(|(_, s)| s).collect(), parents, children, places }
}
