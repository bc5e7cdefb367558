//! Every command, once: the enum, its names, its help and where it applies are
//! made from one row. A new command is a row here, an arm in `app`, and a test.

/// Where a key is looked up. The innermost scope that binds the key wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
    /// Whoever is watched.
    Watches,
    /// Leaving while a change is on its way.
    Leave,
}

impl Scope {
    pub const ALL: [Scope; 18] = [
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
        Scope::Watches,
        Scope::Leave,
    ];

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
            Scope::Watches => "watches",
            Scope::Leave => "leave",
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
    /// One sentence for the help.
    pub help: &'static str,
}

macro_rules! commands {
    ($($variant:ident $name:literal $short:literal $help:literal;)+) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Command { $($variant,)+ }

        impl Command {
            pub const ALL: &[Command] = &[$(Command::$variant,)+];

            pub fn info(self) -> Info {
                match self {
                    $(Command::$variant => Info { name: $name, short: $short, help: $help },)+
                }
            }
        }
    };
}

commands! {
    Help "help" "help" "Show the keys that work here";
    Quit "quit" "quit" "Leave halon";
    Back "back" "back" "Close what is on top, or clear the text filter";
    Health "health" "sources" "Show every source with its state, and why one is not complete";
    Calls "calls" "calls" "Show every AWS call made on your behalf";
    Clock "clock" "clock" "Show times in UTC or in this machine's zone";
    Suspend "suspend" "suspend" "Stop halon and go back to the shell; `fg` returns";
    Refresh "refresh" "refresh" "Ask every source again now; on the trail, ask the question again";
    Redraw "redraw" "redraw" "Draw the whole screen anew";

    Timeline "timeline" "timeline" "Show what was marked, by the time that it happened";
    Findings "findings" "findings" "Go to the findings";
    Trail "trail" "trail" "Go to the trail: who did what, by CloudTrail's events";
    Playbooks "playbooks" "playbooks" "Go to the playbooks, what fits the finding first";
    Audit "audit" "audit" "Go to the audit log";
    Iam "iam" "iam" "Go to IAM: who is in the accounts, and what they may do";
    Organization "organization" "organization" "Go to the organization: what stands above each account";
    Drill "drill" "drill" "Go to the drill: objectives, evidence, the clock";
    Hint "hint" "hint" "Show the next hint for the objective; it is counted";
    Coach "coach" "coach" "Have the coach say the next key, or not";
    Arm "arm" "arm" "Arm halon for an incident: changes may be made then";
    Disarm "disarm" "disarm" "Disarm: back to safe, at once";

    EndGlass "end-break-glass" "end break-glass" "End the break-glass session: its credentials are dropped, at once";

    Down "down" "down" "One line down";
    Up "up" "up" "One line up";
    PageDown "page-down" "page down" "One page down";
    PageUp "page-up" "page up" "One page up";
    First "first" "first" "To the first line";
    Last "last" "last" "To the last line";
    Focus "focus" "other side" "Go to the detail, or back to the list";
    Open "open" "open" "Show what is under the cursor";

    Filter "filter" "filter" "Filter by text while you type; several words must all match";
    Severity "severity" "severity" "Ask for the next band: critical, high, medium, low, all";
    State "state" "state" "Show active, archived or all findings";
    Account "account" "account" "Show one account after the other, then all";
    Region "region" "region" "Show one region after the other, then all";
    Service "service" "service" "Show GuardDuty, Security Hub, or both";
    SameType "same-type" "same type" "Show only findings of this type, or all again";
    ClearFilters "clear-filters" "clear" "Drop every filter";
    Sort "sort" "sort" "Sort by severity, update, first seen, account, type or count";
    Reverse "reverse" "reverse" "Turn the order round";
    Chart "chart" "chart" "Show or hide the chart over time";

    Query "query" "ask" "Ask another question: filters, and a stretch of time";
    JumpBack "jump-back" "back" "Back to the question before, with its list and its cursor";
    Wider "wider" "wider" "A window of time twice as long";
    Narrower "narrower" "narrower" "A window of time half as long";
    Earlier "earlier" "earlier" "The window of time before this one";
    Later "later" "later" "The window of time after this one";
    FailedOnly "failed" "failed" "Show only calls that failed, or all again";
    StopAsking "stop-asking" "stop" "Stop asking CloudTrail; what was read is kept";
    Mark "mark" "mark" "Mark it for the timeline, with a note";
    Sessions "sessions" "sessions" "Show whose sessions these are and who gave them out, or the events again";
    Events "events" "events" "Show what this finding's key, principal or address did, around it";
    FindingsOf "findings-of" "findings" "Look for findings that name this principal, or this event's key";
    Same "same" "same …" "Choose what other events shall have in common with this one";
    SameKey "same-key" "key" "Everything by the same access key, in the same window";
    SameAddress "same-address" "address" "Everything from the same address";
    SameAgent "same-agent" "agent" "Everything with the same user agent";
    SameRole "same-role" "role" "Everything by any session of the same role";
    SameUser "same-user" "user" "Everything by the same user, or by sessions of the same name";
    SameResource "same-resource" "resource" "Everything that was done to the same resource";
    SameName "same-name" "event" "Every event of the same name";
    SameService "same-service" "service" "Every event of the same service";
    GivenKey "given-key" "given key" "What was done with the key that this call gave out";
    SameTime "same-time" "around" "Everything by anybody, 15 minutes before to 15 minutes after";

    PrincipalOf "principal" "principal" "Show who is behind this finding or event, and what they may do";
    EventsOf "events-of" "events" "Show what this principal called, of the last day";
    Exempt "exempt" "exempt?" "Show whether a role is exempt from what stands above it, and what would fix it";
    WhyDenied "why-denied" "why denied" "Show why this call was refused, by the policies of whoever made it";
    CanIt "can" "can it?" "Ask whether this principal may make a call, and what decides it";
    AskAws "ask-aws" "ask AWS" "Ask AWS's own policy simulator the same";
    Decode "decode" "decode" "Decode an encoded refusal that AWS gave";
    Compare "compare" "compare" "Hold this principal; then compare another one with it";
    Versions "versions" "versions" "Show what changed from version to version of its managed policies";
    NextTab "next-tab" "next tab" "The next page about this principal";
    PreviousTab "previous-tab" "tab before" "The page before";

    WatchIt "watch" "watch" "Watch whoever this is: show the last call that goes through and the first that is refused";
    Watches "watches" "watches" "Show whoever is watched, and whether their calls still go through";
    Prolong "prolong" "30m more" "Watch 30 minutes longer, or again";
    StopWatch "stop-watch" "stop" "Watch no longer; what was seen stays";
    WatchEvents "watch-events" "events" "Show on the trail what is watched";

    Choose "choose" "choose" "Fill in the playbook's inputs and plan it; or open the run";
    Start "run" "run" "Run the plan, step by step";
    Decide "go-on" "go on" "Answer what the run waits for";
    Yes "yes" "yes" "Answer the question with yes";
    No "no" "no" "Answer the question with no";
    Retry "retry" "retry" "Try the step again that stopped the run";
    Skip "skip" "skip" "Leave the step out, with a reason";
    RollBack "roll-back" "roll back" "Plan the way back of everything this run changed";
    Abandon "abandon" "stop" "End the run here; what is done stays done";
    Undo "undo" "undo" "Plan the way back of the run that this record belongs to";
    ShowRun "show-run" "its run" "Show the records of this record's run only, or all again";
    Verify "verify" "verify" "Verify the whole log, byte by byte";
    Prove "prove" "prove" "Compare the log with CloudTrail, both ways";
    ReadBack "read-back" "read back" "Read back every change whose outcome is not known";
    Wait "wait" "wait" "Stay until the change on its way is settled";
    LeaveNow "leave" "leave" "Leave now: the outcome stays unknown, and is shown at the next start";

    BeginDrill "begin-drill" "begin" "Begin the drill of this scenario";
    Answer "answer" "answer" "Answer what people are asked for this item of the evidence";
    Probe "probe" "gather" "Have halon gather the evidence that it can by itself";
    EndDrill "end-drill" "end drill" "End the drill: it is judged by its records";
    AbortDrill "abort-drill" "abort" "Abort the drill: it does not count";

    Raw "raw" "raw" "Show the JSON as it came, or the readable form";
    CopyId "copy-id" "copy id" "Copy the id to the clipboard (OSC 52)";
    CopyArn "copy-arn" "copy ARN" "Copy the ARN, of an event its caller's, to the clipboard (OSC 52)";
    MarkSeen "mark-seen" "seen" "Take the new mark off this finding";
    MarkAllSeen "mark-all-seen" "all seen" "Take the new mark off every finding shown";
}

impl Command {
    pub fn named(name: &str) -> Option<Command> {
        Command::ALL.iter().copied().find(|c| c.info().name == name)
    }
}
