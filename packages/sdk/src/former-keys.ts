import type { FormerKey } from '@sotto/crypto'
import { type ConversationId, MAX_FORMER_KEYS, MAX_KEY_ENDS } from '@sotto/wire'
import type { ContactRecord } from './stored.ts'

/**
 * Identity keys that a contact gave up (PROTOCOL.md §5.3). Each still counts for the messages that were
 * in a conversation's log when the person accepted the next key, and for nothing later: the former key
 * may be in other hands by then.
 */

/** Whether a message at `seq` may be from `identityKey`: the pinned key, or a former one in its time. */
export function countsAt(
  { identityKey: pinned, formerKeys }: Pick<ContactRecord, 'identityKey' | 'formerKeys'>,
  identityKey: string,
  conversation: ConversationId,
  seq: number,
): boolean {
  if (identityKey === pinned) return true
  const former = formerKeys.find((one) => one.identityKey === identityKey)
  return former !== undefined && seq <= endIn(former, conversation)
}

/** The last seq at which a former key counts; 0 where it counts for nothing. */
export function endIn({ ends }: FormerKey, conversation: ConversationId): number {
  return ends.find((end) => end.conversation === conversation)?.seq ?? 0
}

/** The former keys of a contact whose key is `pinned`, after `latest` was given up. */
export function withFormerKey(
  pinned: string,
  latest: FormerKey,
  earlier: readonly FormerKey[],
): FormerKey[] {
  const others = earlier.filter(({ identityKey }) => identityKey !== latest.identityKey)
  return limited([latest, ...others].filter(({ identityKey }) => identityKey !== pinned))
}

/**
 * Merges what two own devices know about the keys that a contact gave up. A key counts only as far as
 * both devices say: the person decided on one of them, and the other cannot know more.
 */
export function mergedFormerKeys(
  pinned: string,
  one: readonly FormerKey[],
  other: readonly FormerKey[],
): FormerKey[] {
  const merged = one.map((key) => {
    const same = other.find(({ identityKey }) => identityKey === key.identityKey)
    return same ? { ...key, ends: commonEnds(key, same) } : key
  })
  const known = new Set(one.map(({ identityKey }) => identityKey))
  const more = other.filter(({ identityKey }) => !known.has(identityKey))
  return limited([...merged, ...more].filter(({ identityKey }) => identityKey !== pinned))
}

/** The same keys after the log of a conversation was cut: they end where it ends now. */
export function cutFormerKeys(
  keys: readonly FormerKey[],
  conversation: ConversationId,
  lastSeq: number,
): readonly FormerKey[] {
  const isCut = keys.some((key) => endIn(key, conversation) > lastSeq)
  if (!isCut) return keys
  return keys.map((key) => ({
    ...key,
    ends: key.ends.map((end) =>
      end.conversation === conversation ? { ...end, seq: Math.min(end.seq, lastSeq) } : end,
    ),
  }))
}

function commonEnds(one: FormerKey, other: FormerKey): FormerKey['ends'] {
  return one.ends.flatMap(({ conversation, seq }) => {
    const isKnown = other.ends.some((end) => end.conversation === conversation)
    return isKnown ? [{ conversation, seq: Math.min(seq, endIn(other, conversation)) }] : []
  })
}

function limited(keys: readonly FormerKey[]): FormerKey[] {
  return keys
    .slice(0, MAX_FORMER_KEYS)
    .map((key) => ({ ...key, ends: key.ends.slice(0, MAX_KEY_ENDS) }))
}
