"""What the checks share: a clean environment, servers that always end, and the clients.

Nothing here reads the caller's AWS settings: every child gets an environment made
from scratch, a home directory of its own, and 127.0.0.1 as the only address."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WORK = HERE / ".work"
REGION = "us-east-1"
# AWS's published example, the range's default operator.
KEY = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
READY_WITHIN = 90  # seconds, for a server to listen
DONE_WITHIN = 180  # seconds, for one command


class Ended(Exception):
    """A command or server that did not do what every check needs of it."""


def halon_binary():
    """The binary under test, from the command line."""
    if len(sys.argv) < 2 or not os.access(sys.argv[1], os.X_OK):
        sys.exit(f"usage: {sys.argv[0]} HALON_BINARY")
    return sys.argv[1]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Lab:
    """A temporary folder and the servers started in it; both go when it closes."""

    def __init__(self, halon=None, region=REGION):
        self.halon_path, self.region = halon, region
        self.servers = []

    def __enter__(self):
        # `run` ends a script that takes too long with SIGTERM: unwind, so that servers end too.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="halon-conformance-"))
        for name in ("home", "tmp"):
            (self.dir / name).mkdir()
        return self

    def __exit__(self, *_):
        for server in reversed(self.servers):
            server.stop()
        shutil.rmtree(self.dir, ignore_errors=True)

    def folder(self, name):
        """A new empty folder."""
        return pathlib.Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.dir))

    def file(self, name, text):
        path = self.dir / name
        path.write_text(text)
        return path

    def environment(self, **more):
        env = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "LANG": "C.UTF-8",
            "HOME": str(self.dir / "home"),
            "TMPDIR": str(self.dir / "tmp"),
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_CONFIG_FILE": str(self.dir / "home" / "aws-config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.dir / "home" / "aws-credentials"),
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_PAGER": "",
            "AWS_DEFAULT_REGION": self.region,
            "NO_PROXY": "127.0.0.1",
        }
        env.update(more)
        return env

    def serve(self, name, *command, port, **env):
        """Starts a server and waits until its port takes connections."""
        server = Server(name, command, port, self.dir / f"{name}-{port}.log", self.environment(**env))
        self.servers.append(server)
        server.wait_ready()
        return server

    def run(self, *command, **env):
        """Runs one command to its end: (exit code, standard output, standard error)."""
        try:
            done = subprocess.run(
                [str(c) for c in command], env=self.environment(**env), cwd=self.dir, text=True,
                stdin=subprocess.DEVNULL, capture_output=True, timeout=DONE_WITHIN,
            )
        except subprocess.TimeoutExpired as late:
            raise Ended(f"{command[0]} did not end within {DONE_WITHIN} s: {' '.join(map(str, command))}") from late
        return done.returncode, done.stdout, done.stderr

    def aws(self, endpoint, *arguments, **env):
        """The AWS CLI's answer, parsed; a failure is an `Ended` with what it said."""
        code, out, err = self.aws_raw(endpoint, *arguments, **env)
        if code:
            raise Ended(f"aws {' '.join(map(str, arguments))} ended with {code}: {err.strip()[:800]}")
        return json.loads(out) if out.strip() else {}

    def aws_raw(self, endpoint, *arguments, **env):
        aws = WORK / "aws" / "bin" / "aws"
        return self.run(aws, "--endpoint-url", endpoint, "--output", "json", *arguments, **env)

    def findings(self, endpoint, *arguments, regions=None, **env):
        """`halon findings --json` against an endpoint, with a data folder of its own."""
        command = [self.halon_path, "findings", "--json", "--endpoint-url", endpoint]
        command += ["--data-dir", self.folder("data")]
        for region in regions or [self.region]:
            command += ["--region", region]
        began = time.monotonic()
        code, out, err = self.run(*command, *arguments, **env)
        return Answer(code, out, err, time.monotonic() - began)

    def trail(self, endpoint, *arguments, data, regions=None, **env):
        """`halon trail --json` against an endpoint, with what it kept in `data`."""
        command = [self.halon_path, "trail", "--json", "--endpoint-url", endpoint, "--data-dir", data]
        for region in regions or [self.region]:
            command += ["--region", region]
        began = time.monotonic()
        code, out, err = self.run(*command, *arguments, **env)
        return Answer(code, out, err, time.monotonic() - began)

    def range(self, scenario, *arguments, data=None, clock="frozen", port=None):
        """`halon range serve` on a free port, or on this one; its request log is `server.requests()`."""
        port = port or free_port()
        log = self.folder("requests") / "requests.jsonl"
        server = self.serve(
            "range", self.halon_path, "range", "serve", "--listen", f"127.0.0.1:{port}",
            "--scenario", scenario, "--data-dir", data or self.folder("world"),
            "--clock", clock, "--log", log, *arguments, port=port,
        )
        server.log = log
        return server


class Server:
    def __init__(self, name, command, port, output, env):
        self.name, self.port, self.output = name, port, output
        self.url = f"http://127.0.0.1:{port}"
        with open(output, "wb") as sink:
            self.process = subprocess.Popen(
                [str(c) for c in command], env=env, cwd=env["TMPDIR"],
                stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT,
            )

    def wait_ready(self):
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise Ended(f"{self.name} ended with {self.process.returncode} before it listened:\n{self.said()}")
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise Ended(f"{self.name} did not listen on port {self.port} within {READY_WITHIN} s:\n{self.said()}")

    def said(self):
        return self.output.read_text(errors="replace")[-2000:]

    def requests(self, operation=None):
        """The lines of the range's request log, of one operation where named."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        return [line for line in lines if operation in (None, line["operation"])]

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()


class Proxy:
    """microburst in front of an emulator, its rules set anew for each check."""

    def __init__(self, lab, upstream):
        port = free_port()
        command = [WORK / "emulators" / "bin" / "microburst", "--upstream", upstream, "--host", "127.0.0.1"]
        self.url = lab.serve("microburst", *command, "--port", port, port=port).url

    def rules(self, *rules):
        self._call("DELETE", "fired")
        self._call("POST", "rules", json.dumps(rules).encode())

    def fired(self):
        return self._call("GET", "fired")

    def _call(self, method, what, body=None):
        request = urllib.request.Request(
            f"{self.url}/_microburst/{what}", method=method, data=body,
            headers={"Content-Type": "application/json"},
        )
        # Its own opener: a proxy from the environment must not come between.
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
            return json.loads(answer.read() or b"null")


class Answer:
    """What one `halon … --json` said. A document that is none is an `Ended`."""

    def __init__(self, code, out, err, seconds):
        self.code, self.out, self.err, self.seconds = code, out, err, seconds
        try:
            self.document = json.loads(out)
        except ValueError as none:
            raise Ended(f"halon ended with {code} and no JSON document: {out[:300]!r}\n{err.strip()[:800]}") from none
        self.items = self.document["items"]
        self.incomplete = self.document["incomplete"]
        self.complete = self.document["complete"]

    @property
    def ids(self):
        return [item["event_id" if "event_id" in item else "id"] for item in self.items]

    def item(self, id):
        """The one item with this id."""
        [found] = [item for item in self.items if item["id"] == id]
        return found

    def why(self, source=None):
        """Why the list is incomplete, all reasons in one text."""
        return "; ".join(i["why"] for i in self.incomplete if source in (None, i["source"]))

    def brief(self):
        return f"exit {self.code}, {len(self.items)} items, incomplete {self.incomplete}, stderr {self.err.strip()[:300]!r}"


def label_at_least(asff, least=("HIGH", "CRITICAL")):
    return asff["Severity"].get("Label") in least


def asff_active(asff):
    """Security Hub's own idea of a finding that still wants somebody."""
    return asff["RecordState"] == "ACTIVE" and asff["Workflow"]["Status"] in ("NEW", "NOTIFIED")


def asff_id(asff, region=REGION):
    """The id halon gives a finding that Security Hub knows, where GuardDuty was asked in
    `region` too: GuardDuty's own for copies of findings there, else the ASFF Id."""
    if asff["ProductArn"].endswith("product/aws/guardduty") and asff["Region"] == region:
        return asff["Id"].rsplit("/", 1)[-1]
    return asff["Id"]
