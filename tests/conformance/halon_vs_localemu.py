"""`halon findings` against localemu's GuardDuty, and `halon trail` against its CloudTrail,
which records every call made to it, also behind microburst; and what `halon playbook plan`
foresees beside what its enforcement of IAM decides (see foreseen.py).

localemu listens on all interfaces whatever it is told. This script therefore
refuses to run unless it is alone in a network namespace whose only interface is
the loopback; `run` starts it there. It brings the loopback up by itself."""

import fcntl
import json
import socket
import struct
import sys

import foreseen
from check import Checks, holds, once, same
from lab import WORK, Lab, Proxy, free_port, halon_binary

SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 0x1  # netdevice(7)
ALL = ("--severity", "informational")


def loopback_only():
    """Brings the loopback up, after making sure that nothing else is."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        for _, name in socket.if_nameindex():
            answer = fcntl.ioctl(s, SIOCGIFFLAGS, struct.pack("16sh14x", name.encode(), 0))
            [flags] = struct.unpack("16xh14x", answer)
            if name != "lo" and flags & IFF_UP:
                sys.exit(f"refused: {name} is up, so this is no network namespace of its own")
        fcntl.ioctl(s, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))


def main():
    loopback_only()
    with Checks("halon against localemu, in a network namespace") as check, Lab(halon_binary()) as lab:
        port = free_port()
        emulator = lab.serve(
            "localemu", WORK / "localemu" / "bin" / "localemu", "start", "--host", "127.0.0.1", "--port", port,
            port=port, GATEWAY_LISTEN=f"127.0.0.1:{port}",
            # In a container it would write to /var/lib, whatever its root is said to be.
            OVERRIDE_IN_DOCKER="0", FILESYSTEM_ROOT=str(lab.folder("localemu")),
        )
        url = emulator.url
        detector = lab.aws(url, "guardduty", "create-detector", "--enable")["DetectorId"]
        lab.aws(url, "guardduty", "create-sample-findings", "--detector-id", detector)

        def listed(**criteria):
            criterion = {"service.archived": {"Equals": ["false"]}, **criteria}
            more = ["--finding-criteria", json.dumps({"Criterion": criterion})]
            answer = lab.aws(url, "guardduty", "list-findings", "--detector-id", detector, *more)
            return once(answer["FindingIds"])

        def compare(*arguments, expected):
            answer = lab.findings(url, "--source", "guardduty", *arguments)
            same((answer.code, answer.complete), (0, True), answer.brief())
            same(once(answer.ids), expected)

        with check("every severity: the CLI's ids"):
            everything = listed()
            holds(len(everything) >= 5, f"only {len(everything)} samples")
            compare(*ALL, expected=everything)
        with check("severity ≥ 7: the CLI's ids"):
            high = listed(severity={"GreaterThanOrEqual": 7})
            holds(0 < len(high) < len(everything), f"{len(high)} of {len(everything)}: the filter tells nothing")
            compare(expected=high)
        with check("archived by the CLI: gone from the active, there with --status archived and all"):
            archived = {min(high), min(everything - high)}
            lab.aws(url, "guardduty", "archive-findings", "--detector-id", detector, "--finding-ids", *archived)
            same(listed(), everything - archived, "the CLI's own list")
            compare(*ALL, expected=everything - archived)
            compare(expected=high - archived)
            compare(*ALL, "--status", "archived", expected=archived)
            compare(*ALL, "--status", "all", expected=everything)
        with check("more than a page: samples made until the CLI lists over 50"):
            for _ in range(8):
                lab.aws(url, "guardduty", "create-sample-findings", "--detector-id", detector)
            many = listed()
            holds(len(many) > 50, f"only {len(many)} findings")
            compare(*ALL, expected=many)
        trail(check, lab, url)
        emulator.stop()
        predicted(check, lab)


def predicted(check, lab):
    """With enforcement only its root keys, the lab's own, may do what no policy allows."""
    port = free_port()
    url = lab.serve(
        "localemu", WORK / "localemu" / "bin" / "localemu", "start", "--host", "127.0.0.1", "--port", port,
        port=port, GATEWAY_LISTEN=f"127.0.0.1:{port}", IAM_ENFORCEMENT="1",
        OVERRIDE_IN_DOCKER="0", FILESYSTEM_ROOT=str(lab.folder("localemu")),
    ).url

    def call(who, *arguments):
        """None where the call is allowed, else what is said of it."""
        code, _, err = lab.aws_raw(url, *arguments, **who)
        holds(code == 0 or "AccessDenied" in err, f"allowed or denied: {err.strip()}")
        return err.strip() if code else None

    account = lab.aws(url, "sts", "get-caller-identity")["Account"]
    world = foreseen.World(lab, url, account, lambda *arguments: lab.aws(url, "iam", *arguments), call)
    foreseen.compare(check, world)


def trail(check, lab, url):
    """What the CLI did, as the CLI's own lookup and halon's see it."""
    lookup = {"service": "cloudtrail", "operation": "LookupEvents"}
    for n in range(3):
        lab.aws(url, "iam", "create-user", "--user-name", f"mallory-{n}")
        lab.aws(url, "iam", "list-users")

    def listed(*attribute):
        more = ["--lookup-attributes", f"AttributeKey={attribute[0]},AttributeValue={attribute[1]}"] if attribute else []
        return {e["EventId"]: e for e in lab.aws(url, "cloudtrail", "lookup-events", *more)["Events"]}

    with check("calls of one name: the CLI's events, in order of time"):
        data = lab.folder("trail")
        expected = listed("EventName", "CreateUser")
        answer = lab.trail(url, "--event", "CreateUser", "--since", "1h", data=data)
        same((answer.code, answer.complete), (0, True), answer.brief())
        same(once(answer.ids), set(expected))
        same(len(answer.ids), 3, "users made")
        times = [item["time"] for item in answer.items]
        same(times, sorted(times))
        holds("younger than 15 minutes" in answer.err, answer.err)

    with check("everything, over several pages: nothing is missing, also halon's own calls"):
        before = set(listed())
        holds(len(before) > 60, f"only {len(before)} events")
        answer = lab.trail(url, "--since", "1h", data=lab.folder("trail"))
        same((answer.code, answer.complete), (0, True), answer.brief())
        missing = before - once(answer.ids)
        same(missing, set(), "events that the CLI lists and halon does not")
        own = [i for i in answer.items if "app/halon" in (i["raw"].get("userAgent") or "")]
        holds(own, "no call of halon's own among them")

    proxy = Proxy(lab, url)
    with check("throttled five times on the way: asked again, nothing lost"):
        proxy.rules({**lookup, "times": 5, "error": {"code": "ThrottlingException", "status": 400}})
        expected = listed("EventName", "ListUsers")
        answer = lab.trail(proxy.url, "--event", "ListUsers", "--since", "1h", data=lab.folder("trail"))
        same((answer.code, answer.complete), (0, True), answer.brief())
        same(once(answer.ids), set(expected))
        holds(proxy.fired(), "the rule never fired")

    with check("throttled for good on the second page: said, and the first page is kept"):
        data = lab.folder("trail")
        proxy.rules({**lookup, "body": "NextToken", "error": {"code": "ThrottlingException", "status": 400}})
        answer = lab.trail(proxy.url, "--since", "1h", data=data)
        same((answer.code, answer.complete), (5, False), answer.brief())
        same([(i["source"], i["page"]) for i in answer.incomplete], [("cloudtrail", 2)])
        first = once(answer.ids)
        same(len(first), 50, "events of the first page")
        proxy.rules()
        again = lab.trail(proxy.url, "--since", "1h", data=data)
        same((again.code, again.complete), (0, True), again.brief())
        same(first - once(again.ids), set(), "events lost in between")

    with check("cut off in the middle of an answer: said, and no event is made up"):
        proxy.rules({**lookup, "reset": True})
        answer = lab.trail(proxy.url, "--event", "CreateUser", "--since", "1h", data=lab.folder("trail"))
        same((answer.code, answer.complete, answer.items), (5, False, []), answer.brief())


if __name__ == "__main__":
    main()
