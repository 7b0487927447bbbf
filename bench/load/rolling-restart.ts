/**
 * What users notice of a rolling restart: every part of the cluster is restarted in turn under a
 * load of 500 messages per second and requests to every service.
 *
 * npm run bench:rolling-restart -- [--per-second 500] [--json]
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { ConversationId } from '@sotto/wire'
import { check } from '../../tests/faults/checker/checker.ts'
import { Ledger, parseText, type Shown } from '../../tests/faults/checker/ledger.ts'
import { Load } from '../../tests/faults/run/load.ts'
import { ClusterProcess } from '../../tests/programs/cluster-process.ts'
import { latencies, percentile, rounded } from './percentiles.ts'

const BEFORE_AND_AFTER_MS = 3_000
const REQUEST_EVERY_MS = 20
const PAIRS = 50

/** Also records how long each message took to arrive. */
class TimedLedger extends Ledger {
  readonly ages: number[] = []

  override show(device: string, conversationId: ConversationId, shown: Shown): void {
    super.show(device, conversationId, shown)
    const of = parseText(shown.text)
    const line = of && this.lines.get(of.line)
    const sentAt = line?.sentAt[of?.counter ?? -1]
    const isOwn = line?.name.startsWith(`${device}-`)
    if (sentAt !== undefined && !isOwn) this.ages.push(performance.now() - sentAt)
  }
}

/** Sends requests one after the other until it is stopped, and records those that fail. */
function keepAsking(origin: string, token: string) {
  const paths = ['/auth/sessions', '/changes', '/', '/.well-known/jwks.json']
  const failed: string[] = []
  const stopping = new AbortController()
  let asked = 0
  async function ask() {
    while (!stopping.signal.aborted) {
      const path = paths[asked % paths.length] as string
      asked += 1
      try {
        const answer = await fetch(origin + path, { headers: { authorization: `Bearer ${token}` } })
        await answer.arrayBuffer()
        if (!answer.ok) failed.push(`${path} ${answer.status}`)
      } catch (error) {
        failed.push(`${path} ${error instanceof Error ? error.message : error}`)
      }
      await sleep(REQUEST_EVERY_MS)
    }
  }
  const asking = ask()
  return async () => {
    stopping.abort()
    await asking
    return { asked, failed }
  }
}

const { values } = parseArgs({
  options: {
    'per-second': { type: 'string', default: '500' },
    json: { type: 'boolean', default: false },
  },
})
const perSecond = Number(values['per-second'])
await using cluster = await ClusterProcess.start({
  RATE_LIMIT_FACTOR: '100000',
  MAX_CONNECTIONS_PER_ADDRESS: '20000',
})
const ledger = new TimedLedger()
const load = await Load.open(cluster, {
  ledger,
  random: Math.random,
  conversations: PAIRS,
  perSecond,
})
const stopAsking = keepAsking(cluster.origin, load.accounts[0]?.token ?? '')
load.start()
await sleep(BEFORE_AND_AFTER_MS)
const quiet = latencies(ledger.ages.splice(0))
const begunAt = performance.now()
await cluster.rollingRestart()
const restartMs = performance.now() - begunAt
await sleep(BEFORE_AND_AFTER_MS)
const requests = await stopAsking()
await load.drain()
await load.close()

const figures = {
  perSecond,
  restartSeconds: rounded(restartMs / 1000, 1),
  before: quiet,
  during: { ...latencies(ledger.ages), slowestMs: rounded(percentile(ledger.ages, 1), 0) },
  sent: ledger.sent,
  ...check(ledger),
  refused: ledger.refusals.length,
  heldBack: Object.fromEntries(ledger.heldBack),
  closedWith: countOf(load.devices.flatMap(({ closeCodes }) => closeCodes)),
  requests: requests.asked,
  failedRequests: requests.failed,
}
console.log(values.json ? JSON.stringify(figures) : figures)

function countOf(codes: readonly number[]): Record<string, number> {
  return Object.fromEntries(
    [...Map.groupBy(codes, String)].map(([code, all]) => [code, all.length]),
  )
}
