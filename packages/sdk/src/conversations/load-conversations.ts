import type { AccountId, ConversationId, DeviceId } from '@sotto/wire'
import { remove } from '../storage/record-kind.ts'
import { CURSOR } from '../storage/records/account.ts'
import {
  type ConversationParts,
  type Counters,
  kindOf,
  type LogWindow,
  PART_NAMES,
  type PartName,
  type Summary,
} from '../storage/records/conversations.ts'
import { LOG, OUTBOX } from '../storage/records/log.ts'
import { startingWith } from '../storage/storage.ts'
import type { Store } from '../storage/store.ts'
import type { ConversationRecord } from './conversation-record.ts'
import { NO_COUNTERS } from './counters.ts'
import { readLastEntries, TIMELINE_PAGE } from './log.ts'
import { NO_WINDOW } from './log-window.ts'
import { NOTHING_READ } from './reading.ts'
import { noSummary, summarize } from './summary.ts'

export interface LoadedConversations {
  readonly records: Map<ConversationId, ConversationRecord>
  /** The other records of conversations whose membership is damaged; the server will list them again. */
  readonly orphans: ReadonlyMap<ConversationId, Partial<ConversationParts>>
}

interface OwnDevice {
  readonly accountId: AccountId
  readonly deviceId: DeviceId
}

/** Loads the stored conversations. A damaged record is rebuilt from the others. */
export async function loadConversations(
  storage: Store,
  me: OwnDevice,
): Promise<LoadedConversations> {
  const found = await loadParts(storage)
  const records = new Map<ConversationId, ConversationRecord>()
  const orphans = new Map<ConversationId, Partial<ConversationParts>>()
  for (const [id, parts] of found) {
    const { membership } = parts
    if (membership) records.set(id, await complete(storage, me, id, { ...parts, membership }))
    else orphans.set(id, parts)
  }
  // Without a cursor the server lists every conversation.
  if (orphans.size > 0) await storage.write([remove(CURSOR)])
  return { records, orphans }
}

async function loadParts(storage: Store) {
  const found = new Map<ConversationId, Partial<ConversationParts>>()
  const collect = async <Name extends PartName>(name: Name) => {
    const prefix = `${name}/`
    for (const { key, value } of await storage.range(kindOf(name), startingWith(prefix))) {
      const id = key.slice(prefix.length) as ConversationId
      found.set(id, { ...found.get(id), [name]: value })
    }
  }
  await Promise.all(PART_NAMES.map((name) => collect(name)))
  return found
}

async function complete(
  storage: Store,
  me: OwnDevice,
  id: ConversationId,
  parts: Partial<ConversationParts> & Pick<ConversationParts, 'membership'>,
): Promise<ConversationRecord> {
  const window = parts.window ?? NO_WINDOW
  return {
    id,
    self: me.accountId,
    membership: parts.membership,
    window,
    counters: parts.counters ?? (await recoverCounters(storage, me, id)),
    reading: parts.reading ?? NOTHING_READ,
    summary: parts.summary ?? (await recoverSummary(storage, id, window)),
    keyChanges: parts.keyChanges ?? [],
    protocolState: parts.protocolState ?? null,
  }
}

/** Counters that start after the highest one that this device is known to have used. */
async function recoverCounters(
  storage: Store,
  { accountId, deviceId }: OwnDevice,
  id: ConversationId,
): Promise<Counters> {
  const log = await storage.range(LOG, startingWith(`${id}/`))
  const outbox = await storage.range(OUTBOX, startingWith(`${id}/`))
  const written = [
    ...log.flatMap(({ value }) =>
      value.kind === 'message' && value.sender === accountId ? [value] : [],
    ),
    ...outbox.map(({ value }) => value),
  ]
  const devices = new Set(written.map((one) => one.deviceId))
  devices.delete(deviceId)
  const used = written.filter((one) => one.deviceId === deviceId).map(({ counter }) => counter)
  const next = Math.max(0, ...used) + 1
  return { ...NO_COUNTERS, next, deviceId, formerDevices: [...devices] }
}

async function recoverSummary(
  storage: Store,
  id: ConversationId,
  { first, newest }: LogWindow,
): Promise<Summary> {
  return summarize(noSummary(0), await readLastEntries(storage, id, first, newest, TIMELINE_PAGE))
}
