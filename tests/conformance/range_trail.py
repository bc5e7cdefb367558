"""The range's CloudTrail, for `range_cli`: what the AWS CLI and botocore look up, page
through, stop and start, and that their own calls are in it."""

import datetime
import json

import clients
import lab as place
import shapes
from check import holds, once, same

# Of the scenario `leaked-key`.
PROD = {"AWS_ACCESS_KEY_ID": "AKIAI66PRODUCEXAMPLE", "AWS_SECRET_ACCESS_KEY": "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY"}
LEAKED, BACKUP, FROM = "AKIAI44QH8DHBEXAMPLE", "AKIAI55BACKUPEXAMPLE", "203.0.113.77"
TRAIL = "arn:aws:cloudtrail:us-east-1:123456789012:trail/org-trail-prod"
ORGANIZATION = "arn:aws:cloudtrail:us-east-1:111122223333:trail/example-organization"
START = datetime.datetime(2026, 3, 2, 3, 10, tzinfo=datetime.timezone.utc)  # the world's, frozen
ATTRIBUTES = ("EventId", "EventName", "ReadOnly", "Username", "ResourceType", "ResourceName", "EventSource", "AccessKeyId")


def member(url, region=place.REGION, **settings):
    key, secret = PROD.values()
    return clients.client("cloudtrail", url, key=key, secret=secret, region=region, **settings)


def inside(event):
    """The event's own JSON, which the answer carries as text."""
    return json.loads(event["CloudTrailEvent"])


def moment(event):
    """When it was; this CLI prints a time as it came, in seconds."""
    return datetime.datetime.fromtimestamp(event["EventTime"], datetime.timezone.utc)


def lookups(check, lab, served):
    url = served.url

    def found(*arguments, **env):
        return lab.aws(url, "cloudtrail", "lookup-events", *arguments, **{**PROD, **env})["Events"]

    def by(key, value):
        return "--lookup-attributes", f"AttributeKey={key},AttributeValue={value}"

    every = found()
    with check("CLI: lookup-events: a night of the production account, the newest first, each once"):
        once(e["EventId"] for e in every)
        holds(len(every) > 500, f"only {len(every)}")
        times = [moment(e) for e in every]
        holds(times == sorted(times, reverse=True), "not by falling time")
        holds(all(t <= START for t in times), f"{max(times)} is after the world's time")
        holds(all(inside(e)["eventID"] == e["EventId"] for e in every), "another id inside than outside")

    def value_of(event, key):
        """What an event has under a lookup attribute, read from the event alone."""
        if key.startswith("Resource"):
            return {r[key] for r in event["Resources"]}
        return {event[key]} if event.get(key) else set()

    for key in ATTRIBUTES:
        with check(f"CLI: lookup-events by {key}: the same as filtering all of them"):
            value = next(v for e in every for v in sorted(value_of(e, key)))
            told = found(*by(key, value))
            same(once(e["EventId"] for e in told if e["EventName"] != "LookupEvents"),
                 {e["EventId"] for e in every if value in value_of(e, key) and e["EventName"] != "LookupEvents"}, value)
    with check("CLI: lookup-events by AccessKeyId: the leaked key's night, in order"):
        night = [inside(e) for e in reversed(found(*by("AccessKeyId", LEAKED)))]
        attack = [e["eventName"] for e in night if e["sourceIPAddress"] == FROM]
        told = iter(attack)
        for name in ("GetCallerIdentity", "GetAccountAuthorizationDetails", "ListBuckets", "CreateUser",
                     "AttachUserPolicy", "CreateAccessKey", "AssumeRole"):
            holds(name in told, f"{name} does not come in its place in {attack}")
        [made] = [e for e in night if e["eventName"] == "CreateAccessKey"]
        same(made["responseElements"]["accessKey"]["accessKeyId"], BACKUP)
        holds("AccessDenied" in {e.get("errorCode") for e in night}, "nothing was denied")
    with check("CLI: lookup-events, another Region has its own events"):
        [ran] = [e for e in found(*by("AccessKeyId", BACKUP), AWS_DEFAULT_REGION="ap-southeast-2")]
        same((ran["EventName"], inside(ran)["awsRegion"]), ("RunInstances", "ap-southeast-2"))

    with check("CLI: lookup-events, --page-size asks for pages and gets them"):
        before = len(served.requests("LookupEvents"))
        calm = ("--end-time", "2026-03-02T03:00:00Z")
        whole = [e["EventId"] for e in found(*calm)]
        pages = len(served.requests("LookupEvents")) - before
        same(pages, (len(whole) - 1) // 50 + 1, "requests")
        same([e["EventId"] for e in found(*calm, "--page-size", "33")], whole)
    with check("CLI: lookup-events, --max-items stops and --starting-token goes on"):
        command = ["cloudtrail", "lookup-events", *calm, "--page-size", "20", "--max-items"]
        first = lab.aws(url, *command, "70", **PROD)
        rest = lab.aws(url, *command, "10000", "--starting-token", first["NextToken"], **PROD)
        same(len(first["Events"]), 70)
        same([e["EventId"] for e in first["Events"] + rest["Events"]], whole)
    with check("CLI: lookup-events, both ends of a window belong to it, by the second"):
        [stop] = [e for e in found(*by("EventName", "StopLogging")) if "errorCode" not in inside(e)]
        at = moment(stop)
        for begin, end, there in [(0, 0, True), (-60, -1, False), (1, 60, False), (-60, 0, True), (0, 60, True)]:
            window = [(at + datetime.timedelta(seconds=s)).isoformat() for s in (begin, end)]
            ids = {e["EventId"] for e in found("--start-time", window[0], "--end-time", window[1])}
            same(stop["EventId"] in ids, there, f"within {window}")


def own_calls(check, lab, served):
    url = served.url

    def last(name, region=place.REGION):
        attribute = f"AttributeKey=EventName,AttributeValue={name}"
        answer = lab.aws(url, "cloudtrail", "lookup-events", "--lookup-attributes", attribute,
                         "--max-items", "1", AWS_DEFAULT_REGION=region)
        [event] = answer["Events"]
        return event, inside(event)

    with check("CLI: a call is found again, with its caller, address, agent and parameters"):
        identity = lab.aws(url, "sts", "get-caller-identity")
        lab.aws(url, "iam", "get-user", "--user-name", "siem-exporter")
        shown, event = last("GetUser")
        who = event["userIdentity"]
        same((who["type"], who["arn"], who["principalId"], who["accessKeyId"], who["userName"]),
             ("IAMUser", identity["Arn"], identity["UserId"], place.KEY, shown["Username"]))
        same(event["requestParameters"], {"userName": "siem-exporter"})
        same((event["sourceIPAddress"], event["readOnly"], shown["ReadOnly"]), ("127.0.0.1", True, "true"))
        holds(event["userAgent"].startswith("aws-cli/"), event["userAgent"])
        same(event["recipientAccountId"], identity["Account"])
    with check("CLI: IAM is recorded in us-east-1, GuardDuty and STS where they were called"):
        lab.aws(url, "iam", "list-roles", AWS_DEFAULT_REGION="eu-west-1")
        lab.aws(url, "guardduty", "list-detectors", AWS_DEFAULT_REGION="eu-west-1")
        same(last("ListRoles")[1]["awsRegion"], "us-east-1")
        same(last("ListDetectors", "eu-west-1")[1]["awsRegion"], "eu-west-1")
    with check("CLI: a refusal is recorded with its code, a change with what it made"):
        code, _, _ = lab.aws_raw(url, "iam", "get-role", "--role-name", "absent")
        holds(code != 0, "an absent role was found")
        # CloudTrail names the exception of the model, not the code on the wire.
        same(last("GetRole")[1]["errorCode"], "NoSuchEntityException")
        lab.aws(url, "guardduty", "create-sample-findings", "--detector-id",
                lab.aws(url, "guardduty", "list-detectors")["DetectorIds"][0], "--finding-types", "Trojan:EC2/DropPoint")
        same(last("CreateSampleFindings")[1]["readOnly"], False)
    with check("a stranger's call and a wrong secret's are not recorded"):
        for key, secret in [("AKIAUNKNOWNKEYUNKNOW", "x"), (place.KEY, "x")]:
            iam = clients.client("iam", url, key=key, secret=secret)
            same(clients.refusal(iam.get_account_summary)[0], 403)
        answer = lab.aws(url, "cloudtrail", "lookup-events", "--lookup-attributes",
                         "AttributeKey=EventName,AttributeValue=GetAccountSummary")
        same([e for e in answer["Events"] if inside(e)["sourceIPAddress"] == "127.0.0.1"], [])


def trails(check, lab, served):
    url = served.url

    def aws(operation, *arguments, **env):
        return lab.aws(url, "cloudtrail", operation, *arguments, **{**PROD, **env})

    with check("CLI: describe-trails, get-trail, list-trails: the account's own and the organization's"):
        same({t["TrailARN"] for t in aws("describe-trails")["trailList"]}, {TRAIL, ORGANIZATION})
        same({t["TrailARN"] for t in aws("list-trails")["Trails"]}, {TRAIL, ORGANIZATION})
        trail = aws("get-trail", "--name", "org-trail-prod")["Trail"]
        same((trail["HomeRegion"], trail["IsMultiRegionTrail"], trail["IsOrganizationTrail"], trail["LogFileValidationEnabled"]),
             ("us-east-1", True, False, True))
        same(aws("describe-trails", "--no-include-shadow-trails", AWS_DEFAULT_REGION="eu-west-1")["trailList"], [])
    with check("CLI: get-event-selectors: management events, and objects of one bucket"):
        [selector] = aws("get-event-selectors", "--trail-name", TRAIL)["EventSelectors"]
        same((selector["IncludeManagementEvents"], selector["DataResources"][0]["Type"]), (True, "AWS::S3::Object"))

    def status(name="org-trail-prod"):
        return aws("get-trail-status", "--name", name)

    with check("CLI: get-trail-status: the attack stopped one trail, the other goes on"):
        stopped, on = status(), status(ORGANIZATION)
        same((stopped["IsLogging"], on["IsLogging"]), (False, True))
        holds(stopped["LatestDeliveryTime"] <= stopped["StopLoggingTime"] < on["LatestDeliveryTime"], f"{stopped}, {on}")
    with check("CLI: start-logging and stop-logging show in the status, and stop-logging is found"):
        aws("start-logging", "--name", "org-trail-prod")
        same(status()["IsLogging"], True)
        aws("stop-logging", "--name", TRAIL)
        same(status()["IsLogging"], False)
        told = aws("lookup-events", "--lookup-attributes", "AttributeKey=EventName,AttributeValue=StopLogging")["Events"]
        [own] = [e for e in told if e["AccessKeyId"] == PROD["AWS_ACCESS_KEY_ID"]]
        same((own["Username"], own["ReadOnly"], inside(own)["requestParameters"]), ("prod-oncall", "false", {"name": TRAIL}))
        marks = {(line["operation"], line["mutating"]) for line in served.requests()}
        holds({("StopLogging", True), ("GetTrailStatus", False)} <= marks, f"{sorted(marks)}")


def refusals(check, served):
    cloudtrail = member(served.url, parameter_validation=False)
    abroad = member(served.url, region="eu-west-1")
    one = {"AttributeKey": "EventName", "AttributeValue": "x"}
    token = cloudtrail.lookup_events(MaxResults=5)["NextToken"]
    late = START + datetime.timedelta(hours=1)
    with check("botocore: CloudTrail's refusals, by status and code"):
        for call, parameters, code in [
            (cloudtrail.lookup_events, {"MaxResults": 51}, "InvalidMaxResultsException"),
            (cloudtrail.lookup_events, {"MaxResults": 0}, "InvalidMaxResultsException"),
            (cloudtrail.lookup_events, {"LookupAttributes": [one, one]}, "InvalidLookupAttributesException"),
            (cloudtrail.lookup_events, {"LookupAttributes": [{**one, "AttributeKey": "x"}]}, "InvalidLookupAttributesException"),
            (cloudtrail.lookup_events, {"StartTime": late, "EndTime": START}, "InvalidTimeRangeException"),
            (cloudtrail.lookup_events, {"NextToken": "made up"}, "InvalidNextTokenException"),
            (cloudtrail.lookup_events, {"NextToken": token, "MaxResults": 6}, "InvalidNextTokenException"),
            (cloudtrail.lookup_events, {"NextToken": token, "MaxResults": 5, "LookupAttributes": [one]}, "InvalidNextTokenException"),
            (abroad.lookup_events, {"NextToken": token, "MaxResults": 5}, "InvalidNextTokenException"),
            (cloudtrail.get_trail, {"Name": "absent"}, "TrailNotFoundException"),
            (cloudtrail.get_trail_status, {"Name": "-"}, "InvalidTrailNameException"),
            (cloudtrail.get_trail, {"Name": "arn:aws:s3:::bucket"}, "CloudTrailARNInvalidException"),
            (cloudtrail.stop_logging, {"Name": ORGANIZATION}, "NotOrganizationMasterAccountException"),
            (abroad.stop_logging, {"Name": TRAIL}, "InvalidHomeRegionException"),
        ]:
            same(clients.refusal(call, **parameters), (400, code), str(parameters)[:80])
        same(clients.refusal(cloudtrail.lookup_events, NextToken=token, MaxResults=5), (200, "answered"))


def models(check, lab, served, hostile):
    with check("botocore: every answer of CloudTrail fits the model"):
        cloudtrail = member(served.url)
        recorder = shapes.Recorder(cloudtrail)
        every = [
            (cloudtrail.lookup_events, {}), (cloudtrail.lookup_events, {"EventCategory": "insight"}),
            (cloudtrail.describe_trails, {}), (cloudtrail.get_trail, {"Name": TRAIL}), (cloudtrail.list_trails, {}),
            (cloudtrail.get_trail_status, {"Name": TRAIL}), (cloudtrail.get_event_selectors, {"TrailName": TRAIL}),
            (cloudtrail.start_logging, {"Name": TRAIL}), (cloudtrail.stop_logging, {"Name": TRAIL}),
        ]
        for call, parameters in every:
            call(**parameters)
        same((recorder.answers, recorder.mistakes), (len(every), []), "answers and departures")
    with check("botocore: hostile events fit the model too, and come through whole"):
        cloudtrail = clients.client("cloudtrail", hostile.url)
        recorder = shapes.Recorder(cloudtrail)
        events = cloudtrail.lookup_events()["Events"]
        same(recorder.mistakes, [], "departures")
        text = "".join(e["CloudTrailEvent"] for e in events)
        for wanted in ("\\u001b[2J", "\u202e", "\x9b", "<script>"):
            holds(wanted in text, f"{wanted!r} is missing")


def between_processes(check, lab):
    """A world that two servers share, and one that is begun anew."""
    data = lab.folder("shared-world")
    one, other = lab.range("quiet", data=data), lab.range("quiet", data=data)
    names = lambda url: [e["EventName"] for e in lab.aws(url, "cloudtrail", "lookup-events")["Events"]]
    with check("what one process is asked, another one tells"):
        lab.aws(one.url, "securityhub", "describe-hub")
        same(names(other.url), ["DescribeHub"])
        lab.aws(other.url, "cloudtrail", "stop-logging", "--name", "quiet-trail")
        same(lab.aws(one.url, "cloudtrail", "get-trail-status", "--name", "quiet-trail")["IsLogging"], False)
        same(names(one.url)[-1], "DescribeHub")
    one.stop()
    other.stop()
    with check("`range reset` forgets the calls and what they changed"):
        code, _, err = lab.run(lab.halon_path, "range", "reset", "quiet", "--data-dir", data)
        same(code, 0, err)
        again = lab.range("quiet", data=data)
        same(names(again.url), [])
        same(lab.aws(again.url, "cloudtrail", "get-trail-status", "--name", "quiet-trail")["IsLogging"], True)
        again.stop()


def run(check, lab, scenario):
    """In a world of its own: what the other parts call would be in it too."""
    served, hostile = lab.range(scenario), lab.range("hostile")
    lookups(check, lab, served)
    own_calls(check, lab, served)
    trails(check, lab, served)
    refusals(check, served)
    models(check, lab, served, hostile)
    served.stop()
    hostile.stop()
    between_processes(check, lab)
