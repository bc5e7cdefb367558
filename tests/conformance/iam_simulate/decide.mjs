// Reads cases as `halon policy evaluate` takes them, one JSON document on each line, and
// writes one line for each: {"id", "decision", "errors", "ignored"}.
//
//   node decide.mjs FOLDER_WITH_NODE_MODULES <cases >decisions

import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { join } from 'node:path'

const require = createRequire(join(process.argv[2], 'package.json'))
const { runSimulation } = require('@cloud-copilot/iam-simulate')

const WORDS = {
  Allowed: 'allowed',
  ExplicitlyDenied: 'explicit_deny',
  ImplicitlyDenied: 'implicit_deny'
}

const named = (list) => list.map(({ name, document }) => ({ name, policy: document }))
const levels = (list) =>
  (list ?? []).map((policies, at) => ({ orgIdentifier: `ou-${at}`, policies: named(policies) }))
const account = (arn) => arn.split(':')[4]

// Several session policies are one with the statements of all.
const together = (policies) => ({
  Version: '2012-10-17',
  Statement: policies.flatMap((policy) => policy.Statement)
})

function simulation(it) {
  const context = {}
  for (const [key, values] of Object.entries(it.context ?? {})) {
    // Absent keys are simply not there.
    if (values !== null) context[key] = values.length === 1 ? values[0] : values
  }
  return {
    request: {
      principal: it.principal.arn,
      action: it.action,
      resource: {
        resource: it.resource.arn,
        accountId: it.resource.account ?? (account(it.resource.arn) || account(it.principal.arn))
      },
      contextVariables: context
    },
    identityPolicies: named(it.identity_policies ?? []),
    sessionPolicy: it.session_policies?.length ? together(it.session_policies) : undefined,
    permissionBoundaryPolicies: it.boundary
      ? [{ name: 'boundary', policy: it.boundary }]
      : undefined,
    resourcePolicy: it.resource.policy ?? undefined,
    serviceControlPolicies: levels(it.scps),
    resourceControlPolicies: levels(it.rcps)
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  if (!line.trim()) continue
  const it = JSON.parse(line)
  const answer = await runSimulation(simulation(it), {})
  const out = { id: it.id }
  if (answer.resultType === 'error') out.errors = answer.errors
  else {
    out.decision = WORDS[answer.overallResult]
    const results = answer.resultType === 'single' ? [answer.result] : answer.results
    const ignored = results.flatMap((result) => result.ignoredContextKeys ?? [])
    if (ignored.length) out.ignored = [...new Set(ignored)]
  }
  process.stdout.write(JSON.stringify(out) + '\n')
}
