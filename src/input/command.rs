//! Every command, once: the enum, its names, its help and where it applies are
//! made from one row. A new command is a row here, an arm in `app`, and a test.

/// Where a key is looked up. The innermost scope that binds the key wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Everywhere but in a text prompt.
    Global,
    /// The findings list.
    Findings,
    /// The detail beside or over the list.
    Detail,
    /// The events, and over them one event.
    Trail,
    /// One event, beside or over the list; what it does not bind is the trail's.
    Event,
    /// What an event has in common with others.
    Same,
    /// The playbooks, and the runs of this session.
    Playbooks,
    /// A plan, before it is run.
    Plan,
    /// A run.
    Run,
    /// The audit log.
    Audit,
    /// Who is in the accounts, and over them one principal.
    Iam,
    /// One principal, beside or over the list; what it does not bind is the list's.
    Principal,
    /// The organization's tree, and how what stands above a role stands to it.
    Organization,
    /// What is attached to one of them, beside or over the tree; the rest is the tree's.
    Attached,
    /// The drill: its objectives, and the evidence of it.
    Drill,
    /// A text laid over the screen: help, health, calls.
    Overlay,
    /// What was looked for in a text, while there is one.
    Found,
    /// The filters that were saved.
    Saved,
    /// Whoever is watched.
    Watches,
    /// Leaving while a change is on its way.
    Leave,
}

impl Scope {
    pub const ALL: [Scope; 20] = [
        Scope::Global,
        Scope::Findings,
        Scope::Detail,
        Scope::Trail,
        Scope::Event,
        Scope::Same,
        Scope::Playbooks,
        Scope::Plan,
        Scope::Run,
        Scope::Audit,
        Scope::Iam,
        Scope::Principal,
        Scope::Organization,
        Scope::Attached,
        Scope::Drill,
        Scope::Overlay,
        Scope::Found,
        Scope::Saved,
        Scope::Watches,
        Scope::Leave,
    ];

    /// What it is, for the reference of the keys.
    pub fn about(self) -> &'static str {
        match self {
            Scope::Global => "everywhere but in a text that is being typed",
            Scope::Findings => "the findings",
            Scope::Detail => "one finding",
            Scope::Trail => "the trail's events",
            Scope::Event => "one event; what it does not bind is the trail's",
            Scope::Same => "the menu of what an event has in common with others",
            Scope::Playbooks => "the playbooks, and the runs since the start",
            Scope::Plan => "a plan, before it is run",
            Scope::Run => "a run",
            Scope::Audit => "the audit log",
            Scope::Iam => "who is in the accounts",
            Scope::Principal => "one principal; what it does not bind is the list's",
            Scope::Organization => "the organization's tree",
            Scope::Attached => "what is attached to a line of it; the rest is the tree's",
            Scope::Drill => "the drill",
            Scope::Overlay => "a text laid over the screen: help, sources, calls",
            Scope::Found => "what was looked for in a text, while there is something",
            Scope::Saved => "the filters that were saved",
            Scope::Watches => "whoever is watched",
            Scope::Leave => "leaving while a change is on its way",
        }
    }

    /// The scope that takes what this one does not bind, beside [`Scope::Global`].
    fn around(self) -> Option<Scope> {
        match self {
            Scope::Event => Some(Scope::Trail),
            Scope::Principal => Some(Scope::Iam),
            Scope::Attached => Some(Scope::Organization),
            Scope::Same | Scope::Saved | Scope::Watches => Some(Scope::Overlay),
            _ => None,
        }
    }

    /// The table's name in a keymap file.
    pub fn name(self) -> &'static str {
        match self {
            Scope::Global => "global",
            Scope::Findings => "findings",
            Scope::Detail => "detail",
            Scope::Trail => "trail",
            Scope::Event => "event",
            Scope::Same => "same",
            Scope::Playbooks => "playbooks",
            Scope::Plan => "plan",
            Scope::Run => "run",
            Scope::Audit => "audit",
            Scope::Iam => "iam",
            Scope::Principal => "principal",
            Scope::Organization => "organization",
            Scope::Attached => "attached",
            Scope::Drill => "drill",
            Scope::Overlay => "overlay",
            Scope::Found => "found",
            Scope::Saved => "saved",
            Scope::Watches => "watches",
            Scope::Leave => "leave",
        }
    }

    /// Where that is, for people: after "works".
    pub fn place(self) -> &'static str {
        match self {
            Scope::Global => "everywhere",
            Scope::Findings => "in the findings",
            Scope::Detail => "in a finding",
            Scope::Trail => "on the trail",
            Scope::Event => "in an event",
            Scope::Same => "in the menu of what is the same",
            Scope::Playbooks => "in the playbooks",
            Scope::Plan => "on a plan",
            Scope::Run => "on a run",
            Scope::Audit => "in the audit log",
            Scope::Iam => "in IAM",
            Scope::Principal => "on a principal's page",
            Scope::Organization => "in the organization",
            Scope::Attached => "on what is attached in the organization",
            Scope::Drill => "in the drill",
            Scope::Overlay => "in a text",
            Scope::Found => "on what was found in a text",
            Scope::Saved => "in the saved filters",
            Scope::Watches => "in the watches",
            Scope::Leave => "while a change is on its way and halon is left",
        }
    }
}

/// What is written about a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info {
    /// The name in keymap files.
    pub name: &'static str,
    /// A word or two for the footer.
    pub short: &'static str,
    /// Where it can be bound, and given; inside of [`Scope::Global`] that is everywhere.
    pub scopes: &'static [Scope],
    /// One sentence for the help.
    pub help: &'static str,
}

/// Whatever is a text to be read.
const TEXTS: &[Scope] = &[
    Scope::Detail,
    Scope::Event,
    Scope::Principal,
    Scope::Attached,
    Scope::Plan,
    Scope::Run,
    Scope::Overlay,
];

const EVERYWHERE: &[Scope] = &[Scope::Global];

/// Whatever has lines to move over.
const LISTS: &[Scope] = &[
    Scope::Findings,
    Scope::Detail,
    Scope::Trail,
    Scope::Playbooks,
    Scope::Plan,
    Scope::Run,
    Scope::Audit,
    Scope::Iam,
    Scope::Organization,
    Scope::Drill,
    Scope::Overlay,
];

macro_rules! commands {
    ($($variant:ident $name:literal $short:literal $scopes:expr, $help:literal;)+) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Command { $($variant,)+ }

        impl Command {
            pub const ALL: &[Command] = &[$(Command::$variant,)+];

            pub fn info(self) -> Info {
                use Scope::*;
                match self {
                    $(Command::$variant => Info {
                        name: $name,
                        short: $short,
                        scopes: $scopes,
                        help: $help,
                    },)+
                }
            }
        }
    };
}

commands! {
    Help "help" "help" EVERYWHERE,
        "Show the keys that work here";
    Palette "palette" "find" EVERYWHERE,
        "Find a command, a place, a finding, a principal, an account or a playbook by typing";
    Quit "quit" "quit" EVERYWHERE,
        "Leave halon";
    Back "back" "back" EVERYWHERE,
        "Close what is on top, or clear the text filter";
    Health "health" "sources" EVERYWHERE,
        "Show every source with its state, and why one is not complete";
    Calls "calls" "calls" EVERYWHERE,
        "Show every AWS call made on your behalf";
    Notices "notices" "notices" EVERYWHERE,
        "Show alarms and troubles, which stay until they were read here";
    Clock "clock" "clock" EVERYWHERE,
        "Show times in UTC or in this machine's zone";
    Suspend "suspend" "suspend" EVERYWHERE,
        "Stop halon and go back to the shell; `fg` returns";
    Refresh "refresh" "refresh" EVERYWHERE,
        "Ask every source again now; on the trail, ask the question again";
    Redraw "redraw" "redraw" EVERYWHERE,
        "Draw the whole screen anew";
    NextTheme "next-theme" "theme" EVERYWHERE,
        "Show another theme, one after the other";
    SetUp "set-up" "first steps" EVERYWHERE,
        "Make a halon.toml by answering a few questions, where there is none";

    Timeline "timeline" "timeline" EVERYWHERE,
        "Show what was marked, by the time that it happened";
    Findings "findings" "findings" EVERYWHERE,
        "Go to the findings";
    Trail "trail" "trail" EVERYWHERE,
        "Go to the trail: who did what, by CloudTrail's events";
    Playbooks "playbooks" "playbooks" EVERYWHERE,
        "Go to the playbooks, what fits the finding first";
    Audit "audit" "audit" EVERYWHERE,
        "Go to the audit log";
    Iam "iam" "iam" EVERYWHERE,
        "Go to IAM: who is in the accounts, and what they may do";
    Organization "organization" "organization" EVERYWHERE,
        "Go to the organization: what stands above each account";
    Drill "drill" "drill" EVERYWHERE,
        "Go to the drill: objectives, evidence, the clock";
    Hint "hint" "hint" EVERYWHERE,
        "Show the next hint for the objective; it is counted";
    Coach "coach" "coach" EVERYWHERE,
        "Have the coach say the next key, or not";
    Arm "arm" "arm" EVERYWHERE,
        "Arm halon for an incident: changes may be made then";
    Disarm "disarm" "disarm" EVERYWHERE,
        "Disarm: back to safe, at once";

    EndGlass "end-break-glass" "end break-glass" EVERYWHERE,
        "End the break-glass session: its credentials are dropped, at once";

    Down "down" "down" LISTS,
        "One line down";
    Up "up" "up" LISTS,
        "One line up";
    PageDown "page-down" "page down" LISTS,
        "One page down";
    PageUp "page-up" "page up" LISTS,
        "One page up";
    First "first" "first" LISTS,
        "To the first line";
    Last "last" "last" LISTS,
        "To the last line";
    Focus "focus" "other side" &[Findings, Detail, Trail, Iam, Organization],
        "Go to the detail, or back to the list";
    Open "open" "open" &[Findings, Trail, Same, Saved, Audit, Iam, Organization],
        "Show what is under the cursor";

    Search "search" "search" TEXTS,
        "Look for words in this text";
    NextMatch "next-match" "next" &[Found],
        "To the next line that was looked for";
    PreviousMatch "previous-match" "before" &[Found],
        "To the line before that was looked for";

    Filter "filter" "filter" &[Findings, Trail, Playbooks, Audit, Iam, Organization],
        "Filter by text while you type; several words must all match";
    Severity "severity" "severity" &[Findings],
        "Ask for the next band: critical, high, medium, low, all";
    State "state" "state" &[Findings],
        "Show active, archived or all findings";
    Account "account" "account" &[Findings],
        "Show one account after the other, then all";
    Region "region" "region" &[Findings],
        "Show one region after the other, then all";
    Service "service" "service" &[Findings],
        "Show GuardDuty, Security Hub, or both";
    SameType "same-type" "same type" &[Findings, Detail],
        "Show only findings of this type, or all again";
    ClearFilters "clear-filters" "clear" &[Findings, Trail, Iam],
        "Drop every filter";
    SaveFilter "save-filter" "save filter" &[Findings],
        "Save what the list is filtered by, and its order, under a name";
    SavedFilters "saved-filters" "saved filters" EVERYWHERE,
        "Show the filters that were saved, to use one or drop it";
    DropFilter "drop-filter" "drop" &[Saved],
        "Drop the saved filter under the cursor";
    Sort "sort" "sort" &[Findings, Iam],
        "Sort by severity, update, first seen, account, type or count";
    Reverse "reverse" "reverse" &[Findings, Trail, Iam],
        "Turn the order round";
    Chart "chart" "chart" &[Findings, Trail],
        "Show or hide the chart over time";

    Query "query" "ask" &[Trail],
        "Ask another question: filters, and a stretch of time";
    JumpBack "jump-back" "back" &[Trail],
        "Back to the question before, with its list and its cursor";
    Wider "wider" "wider" &[Trail],
        "A window of time twice as long";
    Narrower "narrower" "narrower" &[Trail],
        "A window of time half as long";
    Earlier "earlier" "earlier" &[Trail],
        "The window of time before this one";
    Later "later" "later" &[Trail],
        "The window of time after this one";
    FailedOnly "failed" "failed" &[Trail],
        "Show only calls that failed, or all again";
    StopAsking "stop-asking" "stop" &[Trail],
        "Stop asking CloudTrail; what was read is kept";
    Mark "mark" "mark" &[Findings, Detail, Trail],
        "Mark it, or what is picked, for the timeline, with a note";
    Sessions "sessions" "sessions" &[Trail],
        "Show whose sessions these are and who gave them out, or the events again";
    Events "events" "events" &[Findings, Detail],
        "Show what this finding's key, principal or address did, around it";
    FindingsOf "findings-of" "findings" &[Trail, Iam],
        "Look for findings that name this principal, or this event's key";
    Same "same" "same …" &[Trail],
        "Choose what other events shall have in common with this one";
    SameKey "same-key" "key" &[Trail, Same],
        "Everything by the same access key, in the same window";
    SameAddress "same-address" "address" &[Trail, Same],
        "Everything from the same address";
    SameAgent "same-agent" "agent" &[Trail, Same],
        "Everything with the same user agent";
    SameRole "same-role" "role" &[Trail, Same],
        "Everything by any session of the same role";
    SameUser "same-user" "user" &[Trail, Same],
        "Everything by the same user, or by sessions of the same name";
    SameResource "same-resource" "resource" &[Trail, Same],
        "Everything that was done to the same resource";
    SameName "same-name" "event" &[Trail, Same],
        "Every event of the same name";
    SameService "same-service" "service" &[Trail, Same],
        "Every event of the same service";
    GivenKey "given-key" "given key" &[Trail, Same],
        "What was done with the key that this call gave out";
    SameTime "same-time" "around" &[Trail, Same],
        "Everything by anybody, 15 minutes before to 15 minutes after";

    PrincipalOf "principal" "principal" &[Findings, Detail, Trail],
        "Show who is behind this finding or event, and what they may do";
    EventsOf "events-of" "events" &[Iam],
        "Show what this principal called, of the last day";
    Exempt "exempt" "exempt?" &[Iam, Organization],
        "Show whether a role is exempt from what stands above it, and what would fix it";
    WhyDenied "why-denied" "why denied" &[Trail],
        "Show why this call was refused, by the policies of whoever made it";
    CanIt "can" "can it?" &[Iam],
        "Ask whether this principal may make a call, and what decides it";
    AskAws "ask-aws" "ask AWS" &[Iam],
        "Ask AWS's own policy simulator the same";
    Decode "decode" "decode" &[Iam],
        "Decode an encoded refusal that AWS gave";
    Compare "compare" "compare" &[Iam],
        "Hold this principal; then compare another one with it";
    Versions "versions" "versions" &[Iam],
        "Show what changed from version to version of its managed policies";
    NextTab "next-tab" "next tab" &[Iam],
        "The next page about this principal";
    PreviousTab "previous-tab" "tab before" &[Iam],
        "The page before";

    WatchIt "watch" "watch" &[Trail, Iam],
        "Watch whoever this is: show the last call that goes through and the first that is refused";
    Watches "watches" "watches" EVERYWHERE,
        "Show whoever is watched, and whether their calls still go through";
    Prolong "prolong" "30m more" &[Watches],
        "Watch 30 minutes longer, or again";
    StopWatch "stop-watch" "stop" &[Watches],
        "Watch no longer; what was seen stays";
    WatchEvents "watch-events" "events" &[Watches],
        "Show on the trail what is watched";

    Choose "choose" "choose" &[Playbooks],
        "Fill in the playbook's inputs and plan it; or open the run";
    Start "run" "run" &[Plan],
        "Run the plan, step by step";
    Decide "go-on" "go on" &[Run],
        "Answer what the run waits for";
    Yes "yes" "yes" &[Run],
        "Answer the question with yes";
    No "no" "no" &[Run],
        "Answer the question with no";
    Retry "retry" "retry" &[Run],
        "Try the step again that stopped the run";
    Skip "skip" "skip" &[Run],
        "Leave the step out, with a reason";
    RollBack "roll-back" "roll back" &[Run],
        "Plan the way back of everything this run changed";
    Abandon "abandon" "stop" &[Run],
        "End the run here; what is done stays done";
    Undo "undo" "undo" &[Audit],
        "Plan the way back of the run that this record belongs to";
    ShowRun "show-run" "its run" &[Audit],
        "Show the records of this record's run only, or all again";
    Verify "verify" "verify" &[Audit],
        "Verify the whole log, byte by byte";
    Prove "prove" "prove" &[Audit],
        "Compare the log with CloudTrail, both ways";
    ReadBack "read-back" "read back" &[Audit],
        "Read back every change whose outcome is not known";
    Wait "wait" "wait" &[Leave],
        "Stay until the change on its way is settled";
    LeaveNow "leave" "leave" &[Leave],
        "Leave now: the outcome stays unknown, and is shown at the next start";

    BeginDrill "begin-drill" "begin" &[Drill],
        "Begin the drill of this scenario";
    Answer "answer" "answer" &[Drill],
        "Answer what people are asked for this item of the evidence";
    Probe "probe" "gather" &[Drill],
        "Have halon gather the evidence that it can by itself";
    EndDrill "end-drill" "end drill" &[Drill],
        "End the drill: it is judged by its records";
    AbortDrill "abort-drill" "abort" &[Drill],
        "Abort the drill: it does not count";

    Pick "pick" "pick" &[Findings],
        "Pick this finding, or not any more, for what is done to several; and one line down";
    PickAll "pick-all" "pick all" &[Findings],
        "Pick every finding shown";
    DropPicks "drop-picks" "pick none" &[Findings],
        "Pick no finding any more";

    Raw "raw" "raw" &[Findings, Detail, Trail, Organization],
        "Show the JSON as it came, or the readable form";
    CopyId "copy-id" "copy id" &[Findings, Detail, Trail, Iam, Organization],
        "Copy the id to the clipboard (OSC 52)";
    CopyArn "copy-arn" "copy ARN" &[Findings, Detail, Trail, Iam, Organization],
        "Copy the ARN, of an event its caller's, to the clipboard (OSC 52)";
    MarkSeen "mark-seen" "seen" &[Findings, Detail],
        "Take the new mark off this finding, or off what is picked";
    MarkAllSeen "mark-all-seen" "all seen" &[Findings],
        "Take the new mark off every finding shown";
}

impl Command {
    pub fn named(name: &str) -> Option<Command> {
        Command::ALL.iter().copied().find(|c| c.info().name == name)
    }

    /// What arms or disarms, begins or decides something of a run, or ends halon and with it the
    /// runs: a click, which may hit by mistake, does not give it.
    pub fn is_for_keys(self) -> bool {
        use Command as C;
        matches!(
            self,
            C::Arm
                | C::Disarm
                | C::Quit
                | C::LeaveNow
                | C::Start
                | C::Decide
                | C::Yes
                | C::No
                | C::Retry
                | C::Skip
                | C::RollBack
                | C::Abandon
                | C::EndGlass
        )
    }

    /// Whether it can be bound in `scope`: there, in what lies around it, or everywhere.
    pub fn works_in(self, scope: Scope) -> bool {
        let scopes = self.info().scopes;
        let around = scope.around();
        scopes.contains(&scope)
            || scopes.contains(&Scope::Global)
            || around.is_some_and(|around| scopes.contains(&around))
    }

    /// Where it works, for people: "in the findings or on the trail".
    pub fn places(self) -> String {
        let places: Vec<&str> = self.info().scopes.iter().map(|s| s.place()).collect();
        match places.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
            _ => places.concat(),
        }
    }

    /// Whether it can be given where these scopes are active.
    pub fn works_among(self, scopes: &[Scope]) -> bool {
        scopes.iter().any(|scope| self.works_in(*scope))
    }
}
