import {
  encodeBase64url,
  type FormerKey,
  generateRootSecret,
  openContacts,
  type Pin,
  sealContacts,
} from '@sotto/crypto'
import {
  AccountId,
  ConversationId,
  MAX_OWN_FORMER_KEYS,
  MAX_OWN_KEY_ENDS,
  MAX_SEALED_BOX_CHARS,
} from '@sotto/wire'
import { describe, expect, test } from 'vitest'
import { pinOnly } from '../../src/contacts/pins/contact-pins.ts'
import { countsAt, endIn } from '../../src/contacts/pins/former-keys.ts'
import { withOwnPin } from '../../src/contacts/pins/merge-pins.ts'
import { ownPin, withOwnFormerKey } from '../../src/contacts/pins/own-former-keys.ts'
import { NO_WINDOW } from '../../src/conversations/log-window.ts'
import { noSummary } from '../../src/conversations/summary.ts'
import { put } from '../../src/storage/record-kind.ts'
import type { Own } from '../../src/storage/records/account.ts'
import { partAt } from '../../src/storage/records/conversations.ts'
import { createMemoryStore } from '../storage/memory-store.ts'

const account = AccountId.parse(crypto.randomUUID())
const key = (n: number) => encodeBase64url(new Uint8Array(32).fill(n))

/** A device with this many conversations; the nth was active at time n and has n + 1 envelopes. */
async function deviceWith(conversations: number) {
  const storage = createMemoryStore()
  const ids = Array.from({ length: conversations }, () => ConversationId.parse(crypto.randomUUID()))
  await storage.write(
    ids.flatMap((id, n) => [
      put(partAt(id, 'window'), { ...NO_WINDOW, newest: n + 1 }),
      put(partAt(id, 'summary'), noSummary(n)),
    ]),
  )
  return { storage, ids }
}

/** The former keys after this many renewals, the first one from `key(0)`. */
async function renewedTimes(times: number, conversations: number) {
  const { storage, ids } = await deviceWith(conversations)
  let former: FormerKey[] = []
  for (let n = 0; n < times; n += 1) {
    const renewal = { givenUp: key(n), next: key(n + 1), earlier: former }
    former = await withOwnFormerKey(storage, renewal, 1000)
  }
  return { former, ids }
}

const pinned = (identityKey: string, former: FormerKey[]): Pin => ({
  account,
  identityKey,
  recordVersion: 1,
  verified: false,
  former,
})

describe('the former keys of our account', () => {
  test('count up to the end of each local log, within the limit', async () => {
    const { former, ids } = await renewedTimes(1, MAX_OWN_KEY_ENDS)
    const pins = { identityKey: key(1), formerKeys: former }
    for (const [n, id] of ids.entries()) {
      expect(countsAt(pins, key(0), id, n + 1)).toBe(true)
      expect(countsAt(pins, key(0), id, n + 2)).toBe(false)
    }
    expect(former[0]?.ends).toHaveLength(MAX_OWN_KEY_ENDS)
  })

  test('count only in the most recent conversations beyond the limit', async () => {
    const { former, ids } = await renewedTimes(1, MAX_OWN_KEY_ENDS + 2)
    const [oldest, second, third] = ids as [ConversationId, ConversationId, ConversationId]
    const [first] = former as [FormerKey]
    expect(first.ends).toHaveLength(MAX_OWN_KEY_ENDS)
    expect([oldest, second].map((id) => endIn(first, id))).toEqual([0, 0])
    expect(endIn(first, third)).toBe(3)
    expect(endIn(first, ids.at(-1) as ConversationId)).toBe(MAX_OWN_KEY_ENDS + 2)
  })

  test('are the latest four, each later than the previous one even if the clock stops', async () => {
    const { former } = await renewedTimes(MAX_OWN_FORMER_KEYS + 2, 1)
    expect(former.map(({ identityKey }) => identityKey)).toEqual([key(5), key(4), key(3), key(2)])
    expect(former.map(({ replacedAt }) => replacedAt)).toEqual([1005, 1004, 1003, 1002])
    expect(former.every(({ renewed }) => renewed)).toBe(true)
  })

  test("stay within the limits if another device's box has others", async () => {
    const { former } = await renewedTimes(MAX_OWN_FORMER_KEYS + 1, 3)
    const more = Array.from({ length: MAX_OWN_KEY_ENDS + 1 }, (_, seq) => {
      return { conversation: ConversationId.parse(crypto.randomUUID()), seq }
    })
    const known = { ...pinOnly(account, key(5), 1), formerKeys: former, kept: true }
    const later = { identityKey: key(9), replacedAt: 5000, ends: more, renewed: true } as const
    const merged = withOwnPin(known, pinned(key(5), [later, ...former]))
    expect(merged?.formerKeys.map(({ identityKey }) => identityKey)).toEqual([
      key(9),
      key(4),
      key(3),
      key(2),
    ])
    expect(merged?.formerKeys[0]?.ends).toHaveLength(MAX_OWN_KEY_ENDS)
  })

  test('are ignored in a pin of our account under another key', async () => {
    const { former } = await renewedTimes(1, 1)
    const known = pinOnly(account, key(1), 1)
    expect(withOwnPin(known, pinned(key(7), former))).toBeUndefined()
  })

  test('fit into the box at both limits; a reader refuses one more end', async () => {
    const { former } = await renewedTimes(MAX_OWN_FORMER_KEYS, MAX_OWN_KEY_ENDS)
    const record = { account, identityKey: key(4), version: 1 }
    const pins = ownPin({ record, formerKeys: former } as unknown as Own)
    const rootSecret = generateRootSecret()
    const box = await sealContacts(rootSecret, account, 1, pins)
    expect(await openContacts(rootSecret, account, box)).toEqual(pins)
    expect(pins[0]?.former.map(({ ends }) => ends.length)).toEqual([512, 512, 512, 512])
    // There must be room for the contacts as well.
    expect(box.ciphertext.length).toBeLessThan(MAX_SEALED_BOX_CHARS / 2)

    const [latest, ...others] = former as [FormerKey, ...FormerKey[]]
    const end = { conversation: ConversationId.parse(crypto.randomUUID()), seq: 1 }
    const more = [{ ...latest, ends: [...latest.ends, end] }, ...others]
    const sealed = await sealContacts(rootSecret, account, 1, [pinned(key(4), more)])
    await expect(openContacts(rootSecret, account, sealed)).rejects.toThrow()
  })
})
