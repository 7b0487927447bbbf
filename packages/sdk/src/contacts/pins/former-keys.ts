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
 * Identity keys that a contact gave up (PROTOCOL.md §5.3). Each still counts for the messages that were
 * in a conversation's log when the person accepted the next key, and for nothing later: the former key
 * may be in other hands by then.
 */

/** How many former keys are kept, and for how many conversations each. */
export interface FormerKeyLimits {
  readonly keys: number
  readonly ends: number
}
export const CONTACT_LIMITS: FormerKeyLimits = { keys: MAX_FORMER_KEYS, ends: MAX_KEY_ENDS }
/** The own account has more conversations than anybody else's has with it. */
export const OWN_LIMITS: FormerKeyLimits = { keys: MAX_OWN_FORMER_KEYS, ends: MAX_OWN_KEY_ENDS }

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
  limits: FormerKeyLimits = CONTACT_LIMITS,
): FormerKey[] {
  const others = earlier.filter(({ identityKey }) => identityKey !== latest.identityKey)
  return limited(pinned, [latest, ...others], limits)
}

/**
 * The time of a decision that is made `now`. It is later than all decisions that are known here, also if
 * another own device made them and its clock is ahead: otherwise that device would undo this one.
 */
export function decidedAt(now: number, earlier: readonly FormerKey[]): number {
  return Math.max(now, ...earlier.map(({ replacedAt }) => replacedAt + 1))
}

/**
 * Merges the former keys in the box with those that are known here. If the person accepted the next key
 * on both devices, the later time counts. A key counts only as far as both devices say: neither knows
 * more than its own log.
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
  // That it has signed for the next one was verified, on whichever device.
  const renewed = (one.renewed || other.renewed) && ({ renewed: true } as const)
  return { ...one, replacedAt, ends: commonEnds(one, other), ...renewed }
}

/** Whether both lists say the same. The order in them may differ between clients. */
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

/** The latest former keys of a contact whose key is `pinned`, the latest first. */
function limited(pinned: string, keys: readonly FormerKey[], limits: FormerKeyLimits): FormerKey[] {
  return keys
    .filter(({ identityKey }) => identityKey !== pinned)
    .sort((one, other) => other.replacedAt - one.replacedAt)
    .slice(0, limits.keys)
    .map((key) => ({ ...key, ends: key.ends.slice(0, limits.ends) }))
}
