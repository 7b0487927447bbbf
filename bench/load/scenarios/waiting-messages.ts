import type { ConversationId, StoredEnvelope } from '@sotto/wire'
import { type Account, refresh } from '../accounts.ts'
import { Device } from '../device.ts'
import { call, callForText } from '../http.ts'
import { percentile, rounded } from '../percentiles.ts'
import type { Topology } from '../topology.ts'

const MAX_PAGE = 100
const ROUNDS = 5

/** Figures of P8. */
export interface WaitingMessages {
  /** From the request that renews the session to the last of 1,000 envelopes. */
  waiting1000Ms: number
  /** Envelopes per second when reading a log of 10,000. */
  syncPerSecond: number
}

interface ChangesPage {
  conversations: { id: ConversationId; lastSeq: number }[]
}

/** A log that was filled for this purpose, and an account that may read it. */
export interface FilledLog {
  readonly reader: Account
  readonly conversationId: ConversationId
  readonly length: number
}

/**
 * P8: a device returns and fetches 1,000 envelopes, and reads a log of 10,000. Medians of five
 * rounds.
 */
export async function measureWaiting(
  topology: Topology,
  waiting: FilledLog,
  long: FilledLog,
): Promise<WaitingMessages> {
  const comeBacks: number[] = []
  const syncs: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    comeBacks.push(await timeOf(() => comeBack(topology, waiting)))
    const seconds = (await timeOf(() => readAll(topology, long))) / 1000
    syncs.push(long.length / seconds)
  }
  return {
    waiting1000Ms: rounded(percentile(comeBacks, 0.5), 1),
    syncPerSecond: Math.round(percentile(syncs, 0.5)),
  }
}

/** Acts like a client: session, connection, changes, and the log from its position. */
async function comeBack(topology: Topology, log: FilledLog) {
  const { reader, conversationId } = log
  await refresh(topology, reader)
  const device = await Device.connect(topology, reader)
  const { conversations } = await call<ChangesPage>(topology.origin, {
    method: 'GET',
    path: `/changes?limit=${MAX_PAGE}`,
    token: reader.token,
  })
  const changed = conversations.find(({ id }) => id === conversationId)
  if (changed?.lastSeq !== log.length) throw new Error('The change was not reported')
  await readAll(topology, log)
  await device.close()
}

async function readAll({ origin }: Topology, { reader, conversationId, length }: FilledLog) {
  let seq = 0
  while (seq < length) {
    const path = `/conversations/${conversationId}/envelopes?after=${seq}&limit=${MAX_PAGE}`
    const text = await callForText(origin, { method: 'GET', path, token: reader.token })
    const { envelopes } = JSON.parse(text) as { envelopes: StoredEnvelope[] }
    for (const envelope of envelopes) {
      if (envelope.seq !== seq + 1) throw new Error('The page has a gap')
      seq = envelope.seq
    }
    if (envelopes.length === 0) throw new Error('The log is too short')
  }
}

async function timeOf(act: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await act()
  return performance.now() - start
}
