"""Reports of incidents and of drills before programs that nobody here wrote: the HTML passes the Nu Html
Checker and opens in headless Chromium in a network namespace without a network; the
Markdown becomes no tag of anybody else's in GitHub's renderer; the JSON's manifest is
checked from docs/AUDIT-LOG.md alone. All of it with hostile texts.

    report_html.py HALON VNU_JAR [CHROMIUM]"""

import hashlib
import html.parser
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

import cmarkgfm
from cmarkgfm.cmark import Options

from check import Checks, holds, same
from lab import Lab

KEYS = ("AKIAI44QH8DHBEXAMPLE", "AKIAI55BACKUPEXAMPLE")
TITLE = "A <b>leaked</b> | key </title><script>document.title='w1'</script>"
REASON = "=HYPERLINK(\"http://evil.example\") [a](http://b.example) ![c](d) `e` www.evil.example"
DRILL = "DRILL-2026Q1-0000000a"
NOTE = "<img src=http://127.0.0.1:9/w2 onerror=\"document.title='w3'\"> @team #1 -- | \x1b[2J\u202e"
ELSEWHERE = "http://127.0.0.1:9/picture.png"
# The tags of a report's Markdown.
TAGS = {"h1", "h2", "h3", "p", "table", "thead", "tbody", "tr", "th", "td", "strong", "blockquote", "pre", "code"}
BROWSER = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-quic", "--window-size=390,844",
)


class Tags(html.parser.HTMLParser):
    """Every tag with its attributes, and the text of some."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.texts, self.open = [], {}, []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_data(self, data):
        if self.open:
            self.texts.setdefault(self.open[-1], []).append(data)

    def count(self, name):
        return sum(tag == name for tag, _ in self.tags)


def work(lab):
    """Two operators switch a key off each, and one marks something."""
    logs = []
    for key in KEYS:
        data = lab.folder("data")
        code, _, err = lab.run(
            lab.halon_path, "--range", "--data-dir", data, "playbook", "run", "leaked-access-key",
            "--input", f"key={key}", "--incident", "INC-1", "--title", TITLE, "--reason", REASON, "--yes",
        )
        same(code, 0, f"the run's exit code ({err[:300]})")
        logs.append(data / "audit-range.jsonl")
    data = lab.folder("marks")
    code, _, err = lab.run(
        lab.halon_path, "--data-dir", data, "timeline", "add", "--incident", "INC-1", "--note", NOTE,
        "--at", "2026-03-02T03:00:00Z",
    )
    same(code, 0, f"the mark's exit code ({err[:300]})")
    return data, logs


def drilled(lab):
    """A drill's log, written here from docs/AUDIT-LOG.md alone, with others' texts in every place."""
    at, name, lines = "2026-03-02T03:10:00Z", DRILL, []
    texts = [TITLE, REASON, NOTE]

    def put(kind, **body):
        record = {
            "v": 1, "seq": len(lines) + 1, "prev": lines[-1][-66:-2] if lines else "0" * 64, "ts_utc": at,
            "ts_mono": len(lines), "boot_id": "", "sess": "s", "mode": "drill", "world": "aws",
            "actor": {"caller_arn": NOTE, "source_identity": None, "os_user": TITLE}, "kind": kind, "corr": None, **body,
        }
        line = json.dumps(record, separators=(",", ":")).replace("\x7f", "\\u007f")[:-1]
        h = hashlib.sha256(b"halon-audit-v1\0" + (record["prev"] + line + "}").encode()).hexdigest()
        lines.append(f'{line},"h":"{h}"}}')

    def say(event, text, **more):
        put("drill", drill=name, incident=name, at=at, text=text, event=event, **more)

    put("session_start", log_id="ab" * 16, host=NOTE, tool=REASON, binary_sha256=None, config_sha256=None,
        previous=None, pid=1, endpoint=None, environment=[])
    phases = ["detect", "decide", "access", "contain", "verify"]
    planned = [{"id": p, "phase": p, "title": f"{p} {TITLE}", "solution": []} for p in phases]
    say("begun", NOTE, scenario=NOTE, title=TITLE, scripted=True, quarter="2026Q1", accounts=["111122223333"],
        roles=["arn:aws:iam::111122223333:role/break-glass"], window={"from": at, "until": "2026-03-02T05:00:00Z"},
        operator=NOTE, world_start=None, objectives=planned, tool=REASON, binary_sha256=NOTE)
    for phase in phases[:3]:
        say("objective", TITLE, objective=phase, phase=phase, title=TITLE)
    for item in range(2, 20):
        say("evidence", texts[item % 3], item=item, state="failed" if item % 5 == 0 else "scripted",
            value={TITLE: [REASON, {"deep": NOTE}]}, sources=[{"seq": 1}, {"run": NOTE}])
    say("evidence", NOTE, item=15, state="scripted",
        value={"deviations": [{"what": TITLE, "owner": REASON, "due": "2026-04-01"}]}, sources=[])
    say("evidence", NOTE, item=20, state="scripted", sources=[],
        value={"from": NOTE, "to": at, "uses": [{"event_id": TITLE, "class": NOTE, "session": REASON}]})
    put("intent", incident=name, run=NOTE, step=TITLE, op={"service": "IAM", "name": TITLE, "params": {TITLE: NOTE}},
        before={"a": TITLE}, after={"a": NOTE})
    say("ended", REASON, result="failed", why=NOTE)
    return lab.file("drill.jsonl", "\n".join(lines) + "\n")


def reported(lab, log, form):
    path = lab.dir / f"drill.{form}"
    code, _, err = lab.run(
        lab.halon_path, "--data-dir", lab.folder("none"), "drill", "report", DRILL, "--format", form,
        "--output", path, log,
    )
    same(code, 0, f"the report's exit code ({err[:300]})")
    return path


def export(lab, data, logs, form):
    path = lab.dir / f"report.{form}"
    code, _, err = lab.run(
        lab.halon_path, "--data-dir", data, "audit", "export", "--incident", "INC-1", "--format", form,
        "--output", path, *logs,
    )
    same(code, 0, f"the export's exit code ({err[:300]})")
    return path


def canonical(value):
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=True)
    return text.replace("\x7f", "\\u007f").encode()


def manifest(check, path, logs):
    with check(f"{path.name}: each part's hash, the manifest's and the logs', by Python"):
        document = json.loads(path.read_text())
        kept = document.pop("manifest")
        same(set(kept["parts"]), set(document), "the parts")
        for name, part in document.items():
            same(hashlib.sha256(canonical(part)).hexdigest(), kept["parts"][name], f"the hash of {name}")
        own = kept.pop("report_sha256")
        same(hashlib.sha256(canonical(kept)).hexdigest(), own, "the manifest's hash")
        for log, named in zip(kept["logs"], document["logs"], strict=True):
            with open(named["file"], "rb") as file:
                same(hashlib.sha256(file.read()).hexdigest(), log["sha256"], named["file"])
        same(len(kept["logs"]), logs, "logs")


def sealed(check, path, end):
    with check(f"{path.name}: its last line is the hash of all before it, by Python"):
        data = path.read_bytes()
        holds(data.endswith(end), f"it ends with {data[-80:]!r}")
        before, _, rest = data.rpartition(b"\nreport-sha256: ")
        same(hashlib.sha256(before + b"\n").hexdigest().encode(), rest[:64], "the hash")
        same(rest[64:], end, "what stands behind it")


def verified(check, lab, paths, logs):
    for path in paths:
        with check(f"{path.name}: halon takes it as it was written, and a flipped byte as changed"):
            verify = [lab.halon_path, "audit", "verify"]
            same(lab.run(*verify, path, *logs)[0], 0, "the exit code with the logs")
            data = bytearray(path.read_bytes())
            data[len(data) // 2] ^= 4
            changed = lab.dir / f"changed{path.suffix}"
            changed.write_bytes(data)
            same(lab.run(*verify, changed)[0], 12, "the exit code of the changed one")


def markdown(check, path):
    with check(f"{path.name} in GitHub's renderer: no tag and no link of others"):
        text = path.read_text()
        # Raw HTML is let through, so that what was not escaped would show.
        rendered = Tags(cmarkgfm.github_flavored_markdown_to_html(text, options=Options.CMARK_OPT_UNSAFE))
        same({tag for tag, _ in rendered.tags} - TAGS, set(), "tags")
        attributes = {name for _, attrs in rendered.tags for name in attrs}
        same(attributes - {"lang"}, set(), "attributes")
        holds("A <b>leaked</b> | key" in "".join(rendered.texts["td"]), "the title is not there as it was given")
        rows = [line for line in text.splitlines() if line.startswith("| ")]
        cells = [cell.strip().lstrip("\\") for row in rows for cell in row.split("|")[1:-1]]
        holds(not [c for c in cells if c[:1] and c[0] in "=+-@" and c != "-"], "a cell is a formula")


def validator(check, jar, path):
    with check(f"{path.name}: the Nu Html Checker has nothing to say"):
        done = subprocess.run(
            ["java", "-Xss8m", "-jar", jar, "--format", "json", "--exit-zero-always", path],
            capture_output=True, text=True, timeout=170, check=True,
        )
        messages = json.loads(done.stderr)["messages"]
        holds(not messages, "\n".join(f"{m['type']}: {m['message']}" for m in messages[:10]))
    with check(f"{path.name}: the Nu Html Checker finds a mistake where there is one"):
        broken = path.with_name("broken.html")
        broken.write_text(path.read_text().replace("<main>", "<main><p id=summary></span>", 1))
        done = subprocess.run(
            ["java", "-Xss8m", "-jar", jar, "--format", "json", "--exit-zero-always", broken],
            capture_output=True, text=True, timeout=170, check=True,
        )
        holds(json.loads(done.stderr)["messages"], "none in a broken page")


def browse(lab, chromium, *arguments):
    """Chromium's standard output, in a namespace whose network is not even a loopback."""
    alone = ["unshare", "--net", *([] if os.getuid() == 0 else ["--map-root-user"])]
    # Its sockets want a short path.
    with tempfile.TemporaryDirectory(prefix="halon-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        done = subprocess.run(
            [*alone, chromium, *BROWSER, f"--user-data-dir={folder}/profile", *arguments],
            env=lab.environment(TMPDIR=folder), capture_output=True, text=True, timeout=120,
        )
    holds(done.returncode == 0, f"{chromium} ended with {done.returncode}: {done.stderr[-500:]}")
    return done.stdout


def asked(log):
    """What a page asked for: the browser's own requests have no origin."""
    events = [event.get("params", {}) for event in json.loads(log.read_text())["events"]]
    asked = {e["url"] for e in events if e.get("initiator", "not an origin") != "not an origin"}
    return {url for url in asked if not url.startswith("file:")}


def requested(lab, chromium, name, text):
    page, log = lab.file(f"{name}.html", text), lab.dir / f"{name}.json"
    browse(lab, chromium, f"--log-net-log={log}", "--dump-dom", page.as_uri())
    return asked(log)


def browser(check, lab, chromium, path):
    document = json.loads((lab.dir / "report.json").read_text())
    log, picture = lab.dir / "net.json", lab.dir / "report.png"
    with check("HTML: opens in Chromium without a network, whole, and nothing of others runs"):
        page = Tags(browse(lab, chromium, f"--log-net-log={log}", "--dump-dom", path.as_uri()))
        same(page.texts["title"][0], "Incident INC-1", "the title")
        same(page.count("script") + page.count("img") + page.count("link") + page.count("iframe"), 0, "tags that load")
        rows = sum(attrs.get("data-label") == "hash" for _, attrs in page.tags)
        same(rows, len(document["timeline"]), "rows of the timeline")
        same(page.count("svg"), 1, "drawings")
        shapes = page.count("circle") + page.count("path")
        holds(shapes >= len(document["changes"]) + len(document["marked"]), f"only {shapes} shapes")
        links = {attrs.get("href") for tag, attrs in page.tags if tag == "a"}
        same({link for link in links if not link.startswith("#change-")}, set(), "links that lead out")
    with check("HTML: the page asks for nothing, and with a picture from elsewhere in it neither"):
        same(asked(log), set(), "addresses")
        text = path.read_text()
        picture_in = text.replace("<main>", f'<main><img alt="" src="{ELSEWHERE}">', 1)
        same(requested(lab, chromium, "picture", picture_in), set(), "addresses")
        without = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", picture_in)
        same(requested(lab, chromium, "without", without), {ELSEWHERE}, "addresses without the policy")
    with check("HTML: Chromium paints it on a telephone's screen"):
        browse(lab, chromium, f"--screenshot={picture}", path.as_uri())
        data = picture.read_bytes()
        same(data[:8], b"\x89PNG\r\n\x1a\n", "the picture's first bytes")
        same(struct.unpack(">II", data[16:24]), (390, 844), "its size")
        holds(len(data) > 10_000, f"a picture of {len(data)} bytes is empty")


def main():
    if len(sys.argv) < 3:
        sys.exit(f"usage: {sys.argv[0]} HALON VNU_JAR [CHROMIUM]")
    halon, jar, *chromium = sys.argv[1:]
    with Checks("reports before a validator, a browser and GitHub's renderer") as check, Lab(halon) as lab:
        data, logs = work(lab)
        paths = [export(lab, data, logs, form) for form in ("json", "md", "html")]
        log = drilled(lab)
        of_drill = [reported(lab, log, form) for form in ("json", "md", "html")]
        for (document, text, page), of in ((paths, logs), (of_drill, [log])):
            manifest(check, document, len(of))
            sealed(check, text, b"\n")
            sealed(check, page, b"\n</pre>\n</section>\n</main>\n</body>\n</html>\n")
            verified(check, lab, (document, text, page), of)
            markdown(check, text)
        if shutil.which("java"):
            validator(check, jar, paths[2])
            validator(check, jar, of_drill[2])
        else:
            check.not_run("the Nu Html Checker", "there is no java")
        if chromium:
            browser(check, lab, chromium[0], paths[2])
        else:
            check.not_run("Chromium", "there is none here, or no unshare for it")


if __name__ == "__main__":
    main()
