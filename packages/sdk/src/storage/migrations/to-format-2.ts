import type { AccountId, ConversationId, DeviceId, ParticipantState, Protocol } from '@sotto/wire'
import { z } from 'zod'
import { isVersioned, type Versioned } from '../record-kind.ts'
import { LOGIN } from '../records/account.ts'
import {
  type ConversationParts,
  kindOf,
  PART_NAMES,
  type PartName,
  partAt,
} from '../records/conversations.ts'
import {
  type Change,
  COLLECTIONS,
  type Collection,
  type Storage,
  type StoredEntry,
} from '../storage.ts'
import type { StoreListeners } from '../store.ts'

/**
 * Format 1 had no versions, one record per conversation with exactly two people in it, and text-only messages. In
 * format 2 every record carries its version, a conversation has a record for each of its parts, and entries name the
 * account that sent them.
 */

const PAGE = 500
const VERSION = 2

/** The two people of a conversation in format 1. */
interface Two {
  readonly self: AccountId
  readonly other: AccountId
}

interface Context {
  readonly self: AccountId | undefined
  readonly others: ReadonlyMap<string, AccountId>
}

/** Migrates everything in format 1 to format 2, page by page. */
export async function toFormat2(storage: Storage, { onDamaged }: StoreListeners): Promise<void> {
  const context = await readContext(storage)
  // Conversations come last, because they say who the two people are.
  const rest = COLLECTIONS.filter((name) => name !== 'conversations' && name !== 'damaged')
  for (const name of [...rest, 'conversations' as const]) {
    await migrateCollection(storage, name, context, onDamaged)
  }
}

async function migrateCollection(
  storage: Storage,
  name: Collection,
  context: Context,
  onDamaged: StoreListeners['onDamaged'],
): Promise<void> {
  for (let from = ''; ; ) {
    const page = await storage.range(name, { from, limit: PAGE })
    const last = page.at(-1)
    if (!last) return
    const old = page.filter(({ value }) => !isVersioned(value))
    const damaged: string[] = []
    const changes = old.flatMap((entry) => {
      try {
        return migrated(name, entry, context)
      } catch {
        damaged.push(`${name}/${entry.key}`)
        return setAside(name, entry)
      }
    })
    if (changes.length > 0) await storage.write(changes)
    if (damaged.length > 0) onDamaged(damaged)
    // The smallest key after this one.
    from = `${last.key}\0`
  }
}

function setAside(name: Collection, { key, value }: StoredEntry): Change[] {
  return [
    { put: 'damaged', key: `${name}/${key}`, value },
    { remove: name, key },
  ]
}

const versioned = (value: unknown): Versioned => ({ v: VERSION, value })

function migrated(name: Collection, entry: StoredEntry, context: Context): Change[] {
  const { key, value } = entry
  const put = (next: unknown, nextKey = key): Change[] => [
    { put: name, key: nextKey, value: versioned(next) },
    ...(nextKey === key ? [] : [{ remove: name, key }]),
  ]
  switch (name) {
    case 'conversations':
      return splitConversation(key as ConversationId, value, twoIn(context, key))
    case 'log':
      if (!key.startsWith('lost/')) return put(logEntry(value, twoIn(context, idIn(key))))
      return put(lostMessage(value, twoIn(context, idIn(key.slice('lost/'.length)))))
    case 'outbox':
      return put(withContent(OldText.parse(value)))
    case 'seen':
      return put(value, seenKey(key, context))
    default:
      return put(value)
  }
}

/** Keys begin with the conversation's id. */
const idIn = (key: string) => key.split('/', 1)[0] ?? ''

/** Throws if either of the two people is unknown. */
function twoIn({ self, others }: Context, id: string): Two {
  const other = others.get(id)
  if (!self || !other) throw new RangeError('unknown conversation')
  return { self, other }
}

/** Counters are stored by the sending account, no longer by side. */
function seenKey(key: string, context: Context): string {
  const [id = '', kind, side, ...rest] = key.split('/')
  if (kind !== 'c') return key
  const { self, other } = twoIn(context, id)
  return [id, kind, side === 'own' ? self : other, ...rest].join('/')
}

const OldText = z.looseObject({ text: z.string() })
const OldEntry = z.looseObject({ kind: z.string(), mine: z.boolean() })
const OldLost = z.looseObject({ entry: z.unknown() })

function withContent<Old extends { readonly text: string }>({ text, ...rest }: Old) {
  return { ...rest, content: { type: 'text', body: text } }
}

function logEntry(value: unknown, { self, other }: Two) {
  const { mine, ...entry } = OldEntry.parse(value)
  const named = { ...entry, sender: mine ? self : other }
  return entry.kind === 'message' ? withContent(OldText.parse(named)) : named
}

function lostMessage(value: unknown, two: Two) {
  const lost = OldLost.parse(value)
  return { ...lost, entry: logEntry(lost.entry, two) }
}

const OldMarks = z.object({ deliveredSeq: z.number(), readSeq: z.number() })

const OldConversation = z.object({
  protocol: z.string(),
  isProtocolChosen: z.literal(true).exactOptional(),
  aside: z.enum(['uncompared', 'replaced']).exactOptional(),
  mine: z.string(),
  theirs: z.string(),
  first: z.number(),
  newest: z.number(),
  lastSeq: z.number(),
  myMarks: OldMarks,
  theirMarks: OldMarks,
  marksDue: z.boolean(),
  nextCounter: z.number(),
  counterOf: z.string().nullable(),
  formerDevices: z.array(z.string()).default([]),
  skipped: z.array(z.number()),
  last: z.object({ text: z.string(), mine: z.boolean(), at: z.number() }).nullable(),
  lastShownSeq: z.number(),
  unread: z.number(),
  countedSeq: z.number(),
  updatedAt: z.number(),
  keyChanges: z.array(z.looseObject({})),
  unopened: z.array(z.number()),
})
type OldConversation = z.infer<typeof OldConversation>

function splitConversation(id: ConversationId, value: unknown, two: Two): Change[] {
  const parts = partsOf(OldConversation.parse(value), two)
  const puts = PART_NAMES.map((name): Change => {
    const { key } = partAt(id, name)
    // An invalid part throws, and the old record is set aside unchanged.
    return { put: 'conversations', key, value: versioned(checked(name, parts[name])) }
  })
  return [...puts, { remove: 'conversations', key: id }]
}

function checked<Name extends PartName>(name: Name, part: unknown): ConversationParts[Name] {
  return kindOf(name).schema.parse(part)
}

function partsOf(old: OldConversation, { self, other }: Two): ConversationParts {
  const { last, aside, isProtocolChosen } = old
  const participant = (state: string) => ({
    role: 'member' as const,
    state: state as ParticipantState,
  })
  return {
    membership: {
      protocol: old.protocol as Protocol,
      participants: { [self]: participant(old.mine), [other]: participant(old.theirs) },
      ...(aside && { aside }),
      ...(isProtocolChosen && { isProtocolChosen }),
    },
    window: {
      first: old.first,
      newest: old.newest,
      lastSeq: old.lastSeq,
      unopened: old.unopened,
    },
    counters: {
      next: old.nextCounter,
      deviceId: old.counterOf as DeviceId | null,
      formerDevices: old.formerDevices as DeviceId[],
      skipped: old.skipped,
    },
    reading: {
      marks: { [self]: old.myMarks, [other]: old.theirMarks },
      marksDue: old.marksDue,
      unread: old.unread,
      countedSeq: old.countedSeq,
    },
    summary: {
      last: last && {
        content: { type: 'text', body: last.text },
        sender: last.mine ? self : other,
        at: last.at,
      },
      lastShownSeq: old.lastShownSeq,
      updatedAt: old.updatedAt,
    },
    keyChanges: old.keyChanges.map((change) => ({
      ...(change as unknown as ConversationParts['keyChanges'][number]),
      accountId: other,
    })),
    protocolState: null,
  }
}

/** Finds the two people in each conversation, including those that an earlier attempt has already split. */
async function readContext(storage: Storage): Promise<Context> {
  const login = await storage.get(LOGIN.kind.collection, LOGIN.key)
  const { data } = z
    .object({ accountId: z.string() })
    .safeParse(isVersioned(login) ? login.value : login)
  const self = data?.accountId as AccountId | undefined
  const others = new Map<string, AccountId>()
  for (const { key, value } of await storage.range('conversations', {})) {
    const [name, id] = key.includes('/') ? key.split('/') : [undefined, key]
    const other = name === undefined ? otherInOld(value) : otherInParts(name, value, self)
    if (other && id) others.set(id, other)
  }
  return { self, others }
}

function otherInOld(value: unknown): AccountId | undefined {
  return z.object({ peer: z.string() }).safeParse(value).data?.peer as AccountId | undefined
}

function otherInParts(name: string, value: unknown, self: string | undefined) {
  if (name !== 'membership' || !isVersioned(value)) return undefined
  const membership = kindOf('membership').schema.safeParse(value.value)
  const ids = Object.keys(membership.data?.participants ?? {}) as AccountId[]
  return ids.find((id) => id !== self)
}
