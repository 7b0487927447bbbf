import { setTimeout as sleep } from 'node:timers/promises'
import type { ConversationId } from '@sotto/wire'
import { Person, type Place } from '../../../tests/network/people.ts'
import { forEachAtOnce } from '../at-once.ts'
import { cpuSecondsOf } from '../cpu-time.ts'
import type { Faults } from '../ledger.ts'
import { latencies, rounded } from '../percentiles.ts'
import type { Topology } from '../topology.ts'

const PAIRS = 10
const MESSAGES = 200
const DRAIN_WITHIN_MS = 20_000

/** Figures of real clients, which encrypt, sign, keep a log and decrypt. */
export interface EncryptedChat extends Faults {
  deliveredPerSecond: number
  /** For the server side, as in P1. */
  cpuMicrosPerMessage: number
  /** For the clients, both sides of a conversation together. */
  clientCpuMicrosPerMessage: number
  /** From the call of `send` to the plaintext in the other side's timeline. */
  p50Ms: number
  p99Ms: number
}

interface Talk {
  readonly id: ConversationId
  readonly writer: Person
  readonly reader: Person
  readonly sentAt: number[]
  /** The numbers of the messages as the reader's timeline has shown them. */
  readonly shown: number[]
  readonly ages: number[]
}

/**
 * Ten pairs of real clients with protocol `ecdh` in this process. Each writer writes 200 messages,
 * of which the client keeps 16 in flight.
 */
export async function measureEncryptedChat(topology: Topology): Promise<EncryptedChat> {
  const talks = await startTalks(topology)
  for (const talk of talks) watch(talk)
  const cpuBefore = await cpuSecondsOf(topology.pids())
  const ownBefore = process.cpuUsage()
  const start = performance.now()
  await Promise.all(talks.map(write))
  await untilAllIsShown(talks)
  const elapsed = (performance.now() - start) / 1000
  const own = process.cpuUsage(ownBefore)
  const cpu = (await cpuSecondsOf(topology.pids())) - cpuBefore
  await Promise.all(talks.flatMap(({ writer, reader }) => [writer.leave(), reader.leave()]))
  const count = talks.reduce((sum, { shown }) => sum + shown.length, 0)
  return {
    deliveredPerSecond: Math.round(count / elapsed),
    cpuMicrosPerMessage: rounded((cpu * 1e6) / count, 1),
    clientCpuMicrosPerMessage: rounded((own.user + own.system) / count, 1),
    ...latencies(talks.flatMap(({ ages }) => ages)),
    ...faultsOf(talks),
  }
}

async function startTalks(topology: Topology): Promise<Talk[]> {
  let phones = 0
  const place: Place = {
    origin: topology.origin,
    newPhone: () => {
      phones += 1
      return `+4915124${String(phones).padStart(6, '0')}`
    },
    codeFor: (address) => topology.codeFor(address),
  }
  const talks: Talk[] = []
  await forEachAtOnce(2, Array.from({ length: PAIRS }), async (_, n) => {
    const writer = await Person.signUp(place, `writer ${n}`)
    const reader = await Person.signUp(place, `reader ${n}`)
    const id = await writer.startConversation(reader)
    talks.push({ id, writer, reader, sentAt: [], shown: [], ages: [] })
  })
  return talks
}

async function write({ id, writer, sentAt }: Talk) {
  for (let number = 0; number < MESSAGES; number++) {
    sentAt.push(performance.now())
    await writer.commands.send(id, String(number).padEnd(64))
  }
}

/** Records every message that is new in the reader's timeline. */
function watch({ id, reader, sentAt, shown, ages }: Talk) {
  const { client } = reader.device
  const key = { view: 'timeline', conversationId: id } as const
  const known = new Set<string>()
  client.subscribe(key, () => {
    for (const item of client.snapshot(key)?.items ?? []) {
      if (item.kind !== 'message' || known.has(item.id)) continue
      known.add(item.id)
      const number = Number(item.text)
      shown.push(number)
      ages.push(performance.now() - (sentAt[number] ?? 0))
    }
  })
}

async function untilAllIsShown(talks: readonly Talk[]) {
  const deadline = performance.now() + DRAIN_WITHIN_MS
  const isWhole = ({ shown }: Talk) => shown.length >= MESSAGES
  while (!talks.every(isWhole) && performance.now() < deadline) await sleep(2)
}

function faultsOf(talks: readonly Talk[]): Faults {
  const faults = { lost: 0, twice: 0, disorder: 0 }
  for (const { shown } of talks) {
    const different = new Set(shown).size
    faults.lost += MESSAGES - different
    faults.twice += shown.length - different
    faults.disorder += shown.filter((number, n) => n > 0 && number < (shown[n - 1] ?? 0)).length
  }
  return faults
}
