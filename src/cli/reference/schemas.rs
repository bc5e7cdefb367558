//! What the JSON answers have in them, and the exit codes.

/// The schema of each JSON answer, and what its items are.
pub const SCHEMAS: &[(&str, &str, &str)] = &[
    (
        "halon.config/1",
        "`halon config show`",
        "`key` (`limits.pages`, `accounts[1].alias`; beside the settings of halon.toml: \
         `config_file`, `config_folder`, `data_folder`, `range`, `offline`, `read_only`, `profiles`, \
         `endpoint`, `allowed_accounts`, `allowed_endpoints`), `value` (null where it is not set), \
         `from: {kind}` (`default`, `file` with `file` and `line`, `policy` with `file`, `flag` and \
         `environment` with `name`).",
    ),
    (
        "halon.config-check/1",
        "`halon config check`",
        "one for each file: `file`, `kind` (`configuration`, `policy`, `keymap`, `theme`, \
         `playbook`), `says` (where nothing is wrong), `mistakes: [{line, column, what}]`. With a \
         mistake the exit code is 2.",
    ),
    (
        "halon.findings/1",
        "`halon findings`, `halon findings import`",
        "`id` (GuardDuty's id, else the ASFF `Id`), `arn`, `account`, `region`, `detector_region`, \
         `severity: {value, band}` (0–10 from GuardDuty, 0–100 from Security Hub), `type`, `title`, \
         `first_seen`, `last_seen`, `count`, `resource`, `actor`, `guardduty: {archived}` or null, \
         `securityhub: {workflow, record_state}` or null. An import adds \
         `files: [{path, findings, rejected, other}]` beside `items`.",
    ),
    (
        "halon.trail-import/1",
        "`halon trail import`",
        "one for each file: `path`, `events`, `new`, `known` (before), `rejected`, `digests` (of log \
         files, skipped), `other` (JSON values without an event). Beside them `totals`: the same \
         sums, `files`, `first` and `last` (event times), `accounts`, `regions`. `complete` is false \
         where something could not be read.",
    ),
    (
        "halon.purge/1",
        "`halon store purge`",
        "one: how many `events` and `findings` were removed, `older_than` or null. `complete` is \
         false where the file could not be made smaller.",
    ),
    (
        "halon.sessions/1",
        "`halon trail sessions`",
        "`id` (the same for the same credentials), `kind` (`access_key`, `role`, `console`, \
         `session_token`, `temporary`, `federated_user`, `identity_center`, `root`, `forwarded`, \
         `saml`, `web_identity`, `service`, `account`, `unknown`), `principal`, `account`, `role`, \
         `access_keys`, `source_identity`, `assumed_by` (the id of the session whose call gave out \
         the credentials, or null), `assumed_by_principal`, `issued_by` (the id of that call's \
         event), `origin` (the principal at the top of the chain), `complete` (whether the chain \
         ends at somebody), `untold` (why `assumed_by` is not known: `not_here`, `several`, \
         `circle`, `elsewhere`), `began`, `first_seen`, `last_seen`, `events` (0: given out, and \
         not seen in use), `failed`, `addresses` and `agents: [{value, events}]`, `through` \
         (services that called in its name).",
    ),
    (
        "halon.timeline/1",
        "`halon timeline`, `add`, `remove`",
        "`number`, `incident` or null, `what` (`event`, `finding`, `note`), `id`, `at`, `name`, \
         `source`, `principal`, `address`, `account`, `region`, `result` (`ok` or the error code of \
         a call, the severity of a finding), `note`, `marked_by`, `marked_at`; null where it is not \
         known. `add` and `remove` give the one entry.",
    ),
    (
        "halon.iam-list/1",
        "`halon iam list`",
        "`account`, `kind` (`user`, `group`, `role`), `name`, `arn`, `path`, `created`, `last_used` \
         (a role's), `attached` (ARNs), `inline` (names), `boundary`. From a file `as_of` is when it \
         was written.",
    ),
    (
        "halon.iam-role/1",
        "`halon iam role`",
        "one for each account that has it: `account`, `name`, `arn`, `id`, `path`, `created`, \
         `tags: [{key, value}]`, `boundary` and `attached` (`{arn, name, version, document}`, the \
         default version's; the last three null where it could not be read), \
         `inline: [{name, document}]`, `description`, `max_session_seconds`, \
         `last_used: {at, service, region}` or null, `instance_profiles`, `trust`, `sessions` (as in \
         `halon.sessions/1`, of the events kept on this machine; null where none are). A document \
         that is no JSON is a text.",
    ),
    (
        "halon.iam-user/1",
        "`halon iam user`",
        "as a role's down to `inline`, then `password_last_used`, `group_names`, `groups` (each as \
         a user down to `inline`), `sign_in: {password: {set, created}, mfa, access_keys: [{id, \
         status, created, last_used}]}` (null from a file).",
    ),
    (
        "halon.iam-narrow/1",
        "`halon iam narrow`",
        "one: `role` (an ARN), `account`, `seen: {since, until, first, last, events, data_events, \
         no_action, regions: [{region, events}], refused: [{call, events}], unmapped: [{service, \
         event, events}], covered: [{region, endpoint, missing: [{since, until}]}]}` (the stretches \
         of the event history that are not whole here), `last_accessed: [{service, at, region}]` (null where IAM was not asked or did not answer), `policies: [{policy, \
         policy_arn, policy_kind (`inline`, `managed`, `aws_managed`), attachments, narrower, \
         document (null where nothing is left), size, quota, fits, statements: [{statement, sid, \
         narrower, was, becomes, seen: [{action, events, only_on, wide}], kept: [{action, why, \
         sentence}], removed: [{service, removed, of, actions}]}]}]` (only wide statements; \
         `only_on` null where the resources stay as they were, and `wide` why; `actions` null where \
         the whole service goes; `why`: `data_events`, `never_logged`, `beside`, `last_accessed`, \
         `unmapped`, `not_in_table`), `notes`.",
    ),
    (
        "halon.iam-scan/1",
        "`halon iam scan`",
        "one for each finding and each principal that it concerns: `principal` (an ARN; null where \
         nobody holds the policy; what an organization's policy is attached to), `policy` (its \
         name), `policy_arn` (an organization's policy's id; null for an inline or trust policy), \
         `policy_kind` (`inline`, `managed`, `aws_managed`, `trust`, `scp`, `rcp`), `statement` (its \
         number, from 0; null where the document is no policy), `sid`, `line` and `column` (in the \
         document, from 1), `severity`, `rule`, `sentence`, `suggestion`, `account`. Beside them \
         `file`, `severity` (the least that was asked for), `organization` (whether its policies \
         were looked at), `organization_unseen` (why they were not, or null), `principals: [{principal, kind, name, account, findings: {critical, high, \
         medium, low, informational}}]` (everybody), `below` (how many findings are less severe).",
    ),
    (
        "halon.iam-can/1",
        "`halon iam can`",
        "one for each call, in order: `principal`, `action`, `resource`, `decision`, `by`, \
         `missing_context` and `notes` as `policy evaluate` gives them.",
    ),
    (
        "halon.iam-who-can/1",
        "`halon iam who-can`",
        "one for each user or role that can or perhaps can: `principal`, `account`, `decision` \
         (`allowed` or `unknown`), `resources` (the one asked about, else the patterns of the \
         principal's own statements), `by`, `missing_context`, `notes`.",
    ),
    (
        "halon.iam-key/1",
        "`halon iam key`",
        "one, from the account whose it is: `account`, `user`, `id`, `status`, `created`, \
         `last_used: {at, service, region}` or null, `others: [{id, status}]` (the user's other \
         keys).",
    ),
    (
        "halon.iam-root/1",
        "`halon iam root`",
        "one for each account: `account`, `mfa`, `summary: {mfa, access_keys, password, \
         certificates}` (now), `root` and `users` (from the credential report: `user`, `arn`, \
         `created`, `password`, `password_last_used`, `password_last_changed`, `mfa`, \
         `access_keys: [{number, active, rotated, last_used}]`, `certificates`), `reported` (when \
         the report was made); null where it is not known.",
    ),
    (
        "halon.org-tree/1",
        "`halon org tree`",
        "the root, then what is below it, each before its own: `id`, `kind` (`root`, `unit`, \
         `account`), `name`, `parent`, `depth`, `status` (an account's, else null), `management`, \
         `scps` and `rcps: [{id, name}]` (attached here). Beside them `state` (`seen`, \
         `not_visible`, `none`: in no organization), `organization: {id, management, enabled}` (the \
         kinds of policies that are switched on; null in none) and `policies: [{id, name, kind, \
         aws_managed, document}]`.",
    ),
    (
        "halon.org-scps/1",
        "`halon org scps`",
        "one for each level, the root first and the account last: `target`, `name`, `scps` and \
         `rcps: [{id, name, aws_managed, document}]`. Beside them `state` (as above), `account`, \
         `management` (whether it is the management account, to which no SCP applies).",
    ),
    (
        "halon.org-exempt/1",
        "`halon org exempt`",
        "one for each statement above the role, the root's first: `level`, `policy`, `policy_id`, \
         `kind` (`scp`, `rcp`), `statement`, `sid`, `line`, `column`, `effect`, `document`, \
         `standing` (`allows`, `exempt`, `spares`, `denies`, `depends`), `spared_by` (`not_action`, \
         `action`, `elsewhere`) or null, `breaks: [{action, purpose, regions, only_on, \
         depends_on}]` (what of the job it denies; certain where `depends_on` is empty), \
         `exemptions: [{condition, role, by_name, others, more_others, tag: {key, value, open, \
         unknown}}]` (conditions on who asks; `open` are calls by which anybody can take on the \
         tag), `fixes: [{way, tag, added, statement, lets_through, warnings}]` (confirmed by \
         evaluation, the best first). Beside them `role`, `verdict` (`exempt`, `not_exempt`, \
         `unknown`, `not_bound`), `sentence`, `regions` (tried), `job` (the calls), `levels: \
         [{target, name, lacking, fix, unreadable}]`, `refused` (by all together), `repaired`, \
         `missing` (why there may be more policies than were told, or null).",
    ),
    (
        "halon.keys/1",
        "`halon keys`",
        "one for each command that a scope binds: `scope`, `command`, `keys` (each a key, or several \
         one after the other with spaces between), `help`.",
    ),
    (
        "halon.doctor/1",
        "`halon doctor`",
        "`check`, `target`, `region` or null, `state` (`good`, `off`, `problem`), `detail`.",
    ),
    (
        "halon.keys-check/1",
        "`halon keys --check`",
        "one for each file: `file`, `valid`, `mistakes` (each with file, line and column).",
    ),
    (
        "halon.range-reset/1",
        "`halon range reset`",
        "`scenario`, `begun` (whether there was a world that begins anew).",
    ),
    (
        "halon.screenshot/1",
        "`halon screenshot`",
        "one: `screen`, `scenario`, `columns`, `rows`, `theme`, `picture` (the SVG or the text).",
    ),
    ("halon.completions/1", "`halon completions`", "one: `shell`, `script`."),
    ("halon.man/1", "`halon man`", "one: `command` (its words), `page` (roff)."),
    (
        "halon.organization-list/1",
        "`ctrl-e` in the console's organization",
        "`kind` (`root`, `unit`, `account`), `id`, `name`, `parent`, `depth`, `status`, `policies` \
         (the names of those attached here).",
    ),
    (
        "halon.drill-list/1",
        "`ctrl-e` in the console's drill",
        "`kind` (`objective`, `evidence`), `name`, `phase`, `state`, `at`, `text`.",
    ),
    (
        "halon.calls/1",
        "`ctrl-e` over the console's calls",
        "`service`, `operation`, `target`, `region`, `requests`, `milliseconds`, `host`, \
         `request_id`, `server_time`, `error`.",
    ),
    ("halon.scenarios/1", "`halon range list`", "`id`, `title`, `valid`, `mistakes`."),
    (
        "halon.watch/1",
        "`halon trail watch`",
        "one for each account watched: `who`, `account`, `since` (when rights were taken), `until` \
         (asked until then), `run_id` (null: begun by hand), `state` (`waiting`, `quiet`: everything \
         was searched and no call was seen, which proves nothing; `unsearched`: no call was seen \
         and not everything was searched; `denied`; `still_allowed`; `mixed`: a call went through \
         after one was refused), `over` (why nothing more is asked, or null), `last_allowed` (before \
         or after), `first_denied` and `last_through` (after): `{event_id, time, service, name, \
         region, source_ip, principal, access_key_id, error_code}` or null, `since_then: {allowed, \
         denied, failed, beyond_policies, in_the_same_second}` (how many calls), `by: [{principal, \
         access_key_id, allowed, denied}]`, `searched: [{region, until, lacks}]`, `searched_until` \
         (everywhere; null where some place never was), `remarks` (sentences).",
    ),
    (
        "halon.audit/1",
        "`halon audit show`",
        "`line`, `seq`, `h`, `record` (as in docs/AUDIT-LOG.md).",
    ),
    (
        "halon.audit-verify/1",
        "`halon audit verify`",
        "one for each problem: `what` (`edited`, `missing`, `moved`, `duplicate`, `unlinked`, \
         `rewritten`), `seq` or null, `line`, `why`. Beside them `file`, `exit_code`, `first_bad`, \
         `records`, `verified`, `head: {seq, h, short}`, `recovered`, `torn_bytes`, `anchors`, \
         `unanchored`, `unanchored_since`, `stale`, `unknown_kinds`, `cannot_know`, `unreadable`. \
         With `--cloudtrail` also `cloudtrail: {grade (`clean`, `open`, `broken`), now, \
         delay_seconds, counts (by verdict), elsewhere, sessions_before, searched: [{account, \
         region, by: {user} or {event}, since, until, lacking}], findings: [{verdict, call, event, \
         why}]}`; `verdict` is `matched`, `settled`, `unrecorded`, `not_sent`, `through_service` \
         (clean), `too_young`, `unheard`, `not_searched` (open; each is in `incomplete` too), \
         `differs`, `missing` or `unlogged` (broken); `call: {seq, run, step, service, operation, \
         account, region, at, stated, code, request_id, caller, read_back}` as the log has it, or \
         null; `event: {event_id, time, account, region, name, source, principal, arn, \
         access_key_id, source_ip, user_agent, error_code, request_id, invoked_by}` or null.",
    ),
    (
        "halon.drill/1",
        "`halon drill list`",
        "the scenarios that can be practised: `id`, `title`, `summary`, `objectives: [{id, phase \
         (`detect`, `decide`, `access`, `contain`, `verify`), title, hints}]` (how many hints). \
         Beside them `drills`, those of this machine's logs: `id`, `title`, `scenario`, `kind` \
         (`practice`, `validation`), `scripted`, `began`, `ended`, `result` (`passed`, \
         `passed-with-findings`, `failed`, `aborted`; null while it runs), `objectives: [{id, \
         phase, title, met}]`, `log`.",
    ),
    (
        "halon.drill-status/1",
        "`halon drill status`",
        "two, `validation` and `practice` (`kind`): `last_passed: {id, scenario, title, result, \
         scripted, at}` or null, `due` or null, `overdue` (also where none ever passed), `passed`, \
         `failed`, `aborted` (how many), `running` (ids). Beside them `every_seconds`. `complete` is \
         false where a log does not verify: nothing in it counts.",
    ),
    (
        "halon.drill-report/1",
        "`halon drill report --format json`",
        "the records, and beside them all that `halon.audit-export/1` has, of what was done in the \
         drill's name. Before that `kind` (`practice`, `validation`), `headline`, `result`, \
         `redacted`, `drill: {id, begun, scripted, worlds, first, last, met, hints, ended, late, \
         unread}`, `verdict: {result, ended, findings: [{item, why, fails}]}`, `score: {phases: \
         [{phase, met, of, seconds}], seconds, reached, objectives, hints, unneeded: [{change, call, \
         run, playbook}], taken_back}`, `trend: [{id, class, scripted, began, result, score}]`, \
         `evidence` (all twenty: `number`, `name`, `how`, `fails`, `state`, `text`, `value`, `record: \
         {seq, h, at, written}` or null, `rests_on: [{kind, seq, h}]`, `earlier`), `before` (the drill \
         that it is compared with), `drift: [{item, key, before, after}]`, `index: [{quarter, drills: \
         [{id, began, result}], exception}]`. In a redacted one an item has `seq` and `h`, and \
         `record` and `raw` are null.",
    ),
    (
        "halon.report-verify/1",
        "`halon audit verify` of a report",
        "one sentence for each thing that is not what was written. Beside them `file`, `exit_code`, \
         `report_sha256`, `reformatted` (the same values in other bytes), `logs: [{number, log_id, \
         seq, h, file, exit_code, words}]` (each log that the report names; `file` is null where it \
         was not given).",
    ),
    (
        "halon.audit-export/1",
        "`halon audit export --format json`",
        "the records: `log`, `number` (the log's, from 1), `line`, `verified`, `record`, `raw` (the \
         line as it was written). Beside them `incident`, `alarms: [{exit_code, what}]`, `summary` \
         (`titles`, `reasons`, `operators`, `accounts`, `regions`, `worlds`, `from`, `to`, \
         `playbooks: [{id, sha256}]`, `counts`), `logs` (`number`, `file`, `sha256`, `log_id`, \
         `continues`, `records`, `of_incident`, `first_seq`, `last_seq`, `head`, `twin`, `clock`, \
         `verify`, …), `runs` (each with its `steps`), `changes` (`number`, `log`, `who`, `call`, \
         `ceremony`, `risk`, `fate`, `differences: [{at, before, after}]`, `answer`, `readback`, \
         `way_back`, `not_restored`, `takes_back`, `undone_by`, `undone`, `evidence: [{kind, seq, h}]`, \
         …), `open: [{kind, change, what}]`, `timeline`, `marked` and `manifest` (docs/AUDIT-LOG.md, \
         *Reports*).",
    ),
    (
        "halon.ready/1",
        "`halon drill ready`",
        "one for each playbook and break-glass role, or account without one: `playbook`, \
         `account`, `account_name`, `role` (ARN) or null, `regions` (tried), `answer` (`yes`; \
         `no`; `depends`: on the resource or on what only the call tells; `unknown`: what decides \
         could not be read; `nothing`: none of its steps is the role's), `obstacles: \
         [{step, action, regions, answer, depends_on, depends_on_resource, why, by}]` (`step` and \
         `action` null where it is about the whole playbook; `regions` empty where the service is \
         global, or it is so in all of several), with `by: [{policy, kind, statement, sid, effect, \
         level, target, target_name, fix}]`: the statement that decides, `statement` null where none of the kind allows it, \
         `level` from 0 at the root, `fix: {way, tag, added, statement, lets_through, warnings}` \
         the exemption that would fix it, confirmed by evaluation, or null.",
    ),
    (
        "halon.playbooks/1",
        "`halon playbook list`, `check`, `show`",
        "`id`, `title`, `summary`, `risk`, `answers`, `inputs: [{name, type, from, default, help}]`, \
         `needs_break_glass`, `sha256` (all null for a broken one but `id`), `file`, `valid`, \
         `mistakes`.",
    ),
    (
        "halon.plan/1",
        "`halon playbook plan`",
        "one, with `playbook`, `sha256`, `not_restored` (sentences) and `steps`: `id`, `kind`, \
         `state`, `why`, `change: {call, account, region, params, risk, target, fingerprint, \
         affected, pitfalls}`, `before` and `after` (lines), `undo: {calls: [{call, params, risk}], \
         not_restored}`, `request_id`, each null where there is none; a read or check adds \
         `found: [{region, state}]`. A change that is to be made adds `preflight`, for the identity \
         in use and each break-glass role of the account, of each the worse answer first: \
         `[{who, break_glass, decision, confidence, answered, by: [{policy, kind, sid, statement, \
         effect}], missing_context, notes, as_of}]` (the simulator's `by` has the policy alone; \
         what is not `answered` is `unknown`, and `notes` say why). `complete` is false where a \
         step cannot be planned.",
    ),
    (
        "halon.run/1",
        "`halon playbook run`, `resume`, `halon undo`",
        "one, with `run_id`, `playbook`, `incident`, `undoes` (the run that it takes back, or \
         null), `state` (`running`, `stopped`, `done`, `incomplete`, `abandoned`) and \
         `steps` as in a plan; a step's `state` is `waiting`, `asking`, `running`, `done`, \
         `skipped`, `failed` (nothing was changed by it), \
         `unknown` (sent, and not known whether it was done) or `unconfirmed` (done, and not seen \
         yet).",
    ),
];

/// What `halon policy evaluate` reads and answers.
pub const EVALUATE: &str = r#"
## Requests for `halon policy evaluate`

A JSON array, or JSON values one after another, of

```json
{"id": "…", "principal": {"arn": "…", "tags": {"k": "v"}, "account": "…"},
 "action": "s3:PutObject", "resource": {"arn": "…", "account": "…", "policy": {}},
 "context": {"aws:SourceIp": ["203.0.113.7"], "aws:MultiFactorAuthPresent": null},
 "context_complete": false,
 "identity_policies": [{"name": "…", "document": {}}], "boundary": {}, "session_policies": [{}],
 "scps": [[{"name": "…", "document": {}}]], "rcps": [[]]}
```

`id`, `principal.arn`, `action` and `resource.arn` are required. The principal is a user, a role, a
role session, a federated user or an account's root. `null` in the context means known to be
absent; with `context_complete` every key not given is absent; `principal.tags`, where given, are
all tags. Derived where not given: `aws:PrincipalArn`, `aws:PrincipalAccount`,
`aws:PrincipalType`, `aws:PrincipalIsAWSService`, `aws:PrincipalTag/…`, `aws:username`,
`aws:userid` (of root and federated users), `aws:ResourceAccount`. `scps` and `rcps` have one list
for each level, the root's first; `[]` means that none apply. The account that owns the resource
is the one given, else the ARN's, else the principal's.
A role (`sts:AssumeRole` and its like) and a KMS key have a policy of their own that must allow even
within the account: where it is not given, nothing allows it.

The answer has one object for each request, in order: `id`, `decision` (`allowed`,
`explicit_deny`, `implicit_deny`, `unknown`), `by: [{policy, kind, sid, statement, effect}]` with
`kind` `identity`, `boundary`, `session`, `scp`, `rcp` or `resource` and `statement` counted from 0
(the statements that deny; else one of each layer that allows; for an unknown decision those that
may decide), `missing_context` (the keys that an unknown decision depends on) and `notes`.
`unknown` also tells an implicit deny from an explicit one: a note then says that the request is
refused either way. The exit code is 0 whatever the decisions are, and 2 where a request or a
policy cannot be read: file, line and reason are on standard error.
"#;

pub const EXIT_CODES: &[(u8, &str)] = &[
    (0, "done"),
    (1, "failed; doctor found a problem; a watch saw a call that still goes through"),
    (2, "wrong usage or a bad file"),
    (3, "refused by the guard (read-only, not armed, no consent, self-lockout, no audit log)"),
    (4, "AWS could not be asked at all (no identity and no answer)"),
    (5, "done but incomplete, what is missing is on standard error; a watch saw no call at all"),
    (10, "`audit verify`: the end is not anchored for longer than the policy allows"),
    (11, "`audit verify`: intact, with a torn tail"),
    (12, "`audit verify`, `export`: tampered with"),
    (13, "`audit verify`, `show`, `export`: the log cannot be read"),
    (70, "a bug"),
    (143, "ended by a signal: 128 and its number (TERM 143, INT 130, HUP 129)"),
];
