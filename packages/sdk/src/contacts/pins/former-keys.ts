import type { FormerKey } from '@sotto/crypto'
import {
  type ConversationId,
  MAX_FORMER_KEYS,
  MAX_KEY_ENDS,
  MAX_OWN_FORMER_KEYS,
  MAX_OWN_KEY_ENDS,
} from '@sotto/wire'
import type { ContactRecord } from '../../storage/records/contacts.ts'

/**
 * Identity keys that a contact has abandoned (PROTOCOL.md §5.3). Each is valid for the messages that were in a
 * conversation's log when the person accepted the next key, and for nothing later, since someone else may hold the
 * former key by then.
 */

/** How many former keys are kept, and for how many conversations each. */
export interface FormerKeyLimits {
  readonly keys: number
  readonly ends: number
}
export const CONTACT_LIMITS: FormerKeyLimits = { keys: MAX_FORMER_KEYS, ends: MAX_KEY_ENDS }
/** Our account has more conversations than any contact has with it. */
export const OWN_LIMITS: FormerKeyLimits = { keys: MAX_OWN_FORMER_KEYS, ends: MAX_OWN_KEY_ENDS }

/** Whether a message at `seq` may be from `identityKey`: the pinned key, or a former one while it was valid. */
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

/** The last seq at which a former key is valid; 0 if it isn't valid for any. */
export function endIn({ ends }: FormerKey, conversation: ConversationId): number {
  return ends.find((end) => end.conversation === conversation)?.seq ?? 0
}

/** A contact's former keys once `pinned` has replaced `latest`. */
export function withFormerKey(
  pinned: string,
  latest: FormerKey,
  earlier: readonly FormerKey[],
  limits: FormerKeyLimits = CONTACT_LIMITS,
): FormerKey[] {
  const others = earlier.filter(({ identityKey }) => identityKey !== latest.identityKey)
  return limited(pinned, [latest, ...others], limits)
}

/**
 * The time of a decision made `now`. It must be later than all decisions known here, even those of another of our
 * devices whose clock is ahead; otherwise that device would undo this one.
 */
export function decidedAt(now: number, earlier: readonly FormerKey[]): number {
  return Math.max(now, ...earlier.map(({ replacedAt }) => replacedAt + 1))
}

/**
 * Merges the former keys in the box with those known here. If the person accepted the next key on both devices, the
 * later time wins. A key is valid only as far as both devices agree, because each knows only its own log.
 */
export function mergedFormerKeys(
  pinned: string,
  box: readonly FormerKey[],
  here: readonly FormerKey[],
  limits: FormerKeyLimits = CONTACT_LIMITS,
): FormerKey[] {
  const merged = box.map((key) => {
    const same = here.find(({ identityKey }) => identityKey === key.identityKey)
    return same ? mergedFormerKey(key, same) : key
  })
  const known = new Set(box.map(({ identityKey }) => identityKey))
  const more = here.filter(({ identityKey }) => !known.has(identityKey))
  return limited(pinned, [...merged, ...more], limits)
}

function mergedFormerKey(one: FormerKey, other: FormerKey): FormerKey {
  const replacedAt = Math.max(one.replacedAt, other.replacedAt)
  // One of the devices has verified that this key signed the next one.
  const renewed = (one.renewed || other.renewed) && ({ renewed: true } as const)
  return { ...one, replacedAt, ends: commonEnds(one, other), ...renewed }
}

/** Whether both lists have the same content. Clients may order them differently. */
export function areSameFormerKeys(
  these: readonly FormerKey[],
  those: readonly FormerKey[],
): boolean {
  return inFixedOrder(these) === inFixedOrder(those)
}

function inFixedOrder(keys: readonly FormerKey[]): string {
  const lines = keys.flatMap(({ identityKey, replacedAt, ends, renewed = false }) => [
    `${identityKey} ${replacedAt} ${renewed}`,
    ...ends.map(({ conversation, seq }) => `${identityKey} ${conversation} ${seq}`),
  ])
  return lines.sort().join('\n')
}

/** The same keys after a conversation's log was cut: their validity ends where the log does. */
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

/** A contact's most recent former keys, given that `pinned` is current; latest first. */
function limited(pinned: string, keys: readonly FormerKey[], limits: FormerKeyLimits): FormerKey[] {
  return keys
    .filter(({ identityKey }) => identityKey !== pinned)
    .sort((one, other) => other.replacedAt - one.replacedAt)
    .slice(0, limits.keys)
    .map((key) => ({ ...key, ends: key.ends.slice(0, limits.ends) }))
}
