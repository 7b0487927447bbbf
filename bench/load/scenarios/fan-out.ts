import { setTimeout as sleep } from 'node:timers/promises'
import type { ConversationId, ServerFrame } from '@sotto/wire'
import type { Account } from '../accounts.ts'
import { forEachAtOnce } from '../at-once.ts'
import { cpuSecondsOf } from '../cpu-time.ts'
import { Device } from '../device.ts'
import { type Faults, faultsOf, Line } from '../ledger.ts'
import { nextCiphertext } from '../pairs.ts'
import { latencies, rounded } from '../percentiles.ts'
import { createGroup, withDatabase } from '../stored-envelopes.ts'
import type { Topology } from '../topology.ts'

const DRAIN_WITHIN_MS = 10_000
const IN_FLIGHT = 16

/** Figures of P4. A delivery is one envelope that arrives at one recipient. */
export interface FanOut extends Faults {
  deliveriesPerSecond: number
  cpuMicrosPerDelivery: number
  p50Ms: number
  p99Ms: number
}

interface Group {
  readonly line: Line
  readonly sender: Device
  readonly receivers: readonly Device[]
  shown: number
  ages: number[]
}

/**
 * P4: one account writes to a conversation with all `recipients`, who are online, and keeps 16
 * envelopes undecided. The accounts are real; the conversation is written directly to the database.
 */
export async function measureFanOut(
  topology: Topology,
  [author, ...recipients]: readonly Account[],
  seconds: number,
): Promise<FanOut> {
  if (!author) throw new Error('There is no author')
  const id = await withDatabase(topology, (sql) => createGroup(sql, author, recipients))
  const group = await connectGroup(topology, id, author, recipients)
  let isSending = true
  const sendNext = () =>
    group.sender.send({ id: group.line.next(), conversationId: id, ciphertext: nextCiphertext() })
  group.sender.onFrame = (frame) => {
    if (frame.type !== 'verdicts') return
    for (const verdict of frame.verdicts) {
      group.line.decided(verdict)
      if (isSending) sendNext()
    }
  }
  for (let n = 0; n < IN_FLIGHT; n++) sendNext()
  const figures = await count(topology, group, seconds)
  isSending = false
  await drain(group)
  await Promise.all([group.sender, ...group.receivers].map((device) => device.close()))
  return { ...figures, ...faultsOf([group.line]) }
}

async function count(topology: Topology, group: Group, seconds: number) {
  await sleep(2_000)
  group.ages = []
  const before = group.shown
  const cpuBefore = await cpuSecondsOf(topology.pids())
  const start = performance.now()
  await sleep(seconds * 1000)
  const elapsed = (performance.now() - start) / 1000
  const deliveries = group.shown - before
  const cpu = (await cpuSecondsOf(topology.pids())) - cpuBefore
  return {
    deliveriesPerSecond: Math.round(deliveries / elapsed),
    cpuMicrosPerDelivery: rounded((cpu * 1e6) / deliveries, 2),
    ...latencies(group.ages),
  }
}

async function connectGroup(
  topology: Topology,
  id: ConversationId,
  author: Account,
  recipients: readonly Account[],
): Promise<Group> {
  const receivers: Device[] = []
  await forEachAtOnce(32, recipients, async (account) => {
    receivers.push(await Device.connect(topology, account))
  })
  const sender = await Device.connect(topology, author)
  const group: Group = { line: new Line(id), sender, receivers, shown: 0, ages: [] }
  for (const device of receivers) {
    const reader = group.line.addReader()
    device.onFrame = (frame: ServerFrame) => {
      if (frame.type !== 'envelopes') return
      const now = performance.now()
      for (const envelope of frame.envelopes) {
        reader.apply(envelope, (number) => {
          group.shown += 1
          // For each envelope, one recipient in sixteen: all would cost more than receiving.
          if (group.shown % 16 === 0) group.ages.push(group.line.ageOf(number, now))
        })
      }
    }
  }
  return group
}

async function drain({ line }: Group) {
  const deadline = performance.now() + DRAIN_WITHIN_MS
  const isDrained = () =>
    line.accepted === line.sent && line.readers.every(({ received }) => received === line.sent)
  while (!isDrained() && performance.now() < deadline) await sleep(5)
}
