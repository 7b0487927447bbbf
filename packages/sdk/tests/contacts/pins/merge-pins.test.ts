import { expect, test } from 'vitest'
import { trustOf } from '../../../src/contacts/contacts.ts'
import { pinOnly } from '../../../src/contacts/pins/contact-pins.ts'
import { countsAt } from '../../../src/contacts/pins/former-keys.ts'
import type { ContactRecord } from '../../../src/storage/records/contacts.ts'
import {
  account,
  conversation,
  former,
  learned,
  other,
  pin,
  shown,
  withAcceptedKey,
  withPin,
  written,
} from './shown-keys.ts'

test('a pin from another of our devices counts before the first contact', () => {
  const known = withPin(undefined, pin('key 1', { verified: true })) as ContactRecord
  expect(learned(known, shown('key 2', 2))).toMatchObject({ identityKey: 'key 1' })
  expect(trustOf(learned(known, shown('key 2', 2)))).toBe('key_changed')
})

test('two of our devices notice if they were shown different keys', () => {
  const known = { ...learned(undefined, shown('key of the server', 1)), kept: true, dirty: true }
  const conflict = withPin(known, pin('key 1')) as ContactRecord
  expect(conflict.identityKey).toBe('key 1')
  expect(trustOf(conflict)).toBe('key_changed')
})

test('a change that was accepted on another device is accepted here', () => {
  const changed = learned({ ...pinOnly(account, 'key 1', 1), kept: true }, shown('key 2', 2))
  const accepted = withPin(
    changed,
    pin('key 2', { recordVersion: 2, former: [former('key 1', [{ conversation, seq: 3 }])] }),
  )
  expect(accepted).toMatchObject({ identityKey: 'key 2', changed: null })
})

test('a former key is valid up to the end of the log, even if another device decided', () => {
  const ends = [{ conversation, seq: 3 }]
  const known = withPin(undefined, pin('key 2', { former: [former('key 1', ends)] }))
  if (!known) throw new Error('no pin')

  expect(countsAt(known, 'key 1', conversation, 3)).toBe(true)
  expect(countsAt(known, 'key 1', conversation, 4)).toBe(false)
  expect(countsAt(known, 'key 1', other, 1)).toBe(false)
  expect(countsAt(known, 'key 2', other, 1)).toBe(true)
  expect(countsAt(known, 'key 3', conversation, 1)).toBe(false)
})

test('a former key is valid only as far as both devices agree', () => {
  const here = [
    { conversation, seq: 3 },
    { conversation: other, seq: 9 },
  ]
  const known = withPin(undefined, pin('key 2', { former: [former('key 1', here)] }))
  const merged = withPin(
    known,
    pin('key 2', { former: [former('key 1', [{ conversation, seq: 2 }])] }),
  )

  expect(merged?.formerKeys).toEqual([former('key 1', [{ conversation, seq: 2 }])])
})

test('an older box does not bring a former key back', () => {
  const known = withPin(undefined, pin('key 2', { former: [former('key 1')] }))
  const kept = withPin(known, pin('key 1'))
  expect(kept).toMatchObject({ identityKey: 'key 2', dirty: true })
  expect(withPin(kept, pin('key 1'))).toBeUndefined()
})

test('data that the box already has is not written again', () => {
  const known = {
    ...pinOnly(account, 'key 1', 1),
    verified: true,
    kept: true,
    dirty: true,
    isDecidedHere: true,
  }
  expect(withPin(known, pin('key 1', { verified: true }))).toMatchObject({ dirty: false })
  expect(withPin(known, pin('key 1'))?.dirty ?? true).toBe(true)
})

test('a new key accepted on another of our devices counts, even if the old one had revoked devices', () => {
  const device = crypto.randomUUID()
  const revoked = [{ device, at: 3 }]
  const known = { ...learned(undefined, shown('key 1', 4, { revoked })), kept: true }
  const followed = withPin(known, pin('key 2', { recordVersion: 5, former: [former('key 1')] }))

  // No devices are revoked under the new keys yet.
  const next = learned(followed, shown('key 2', 5))

  expect(next).toMatchObject({ identityKey: 'key 2', changed: null })
  expect(next.current?.record.identityKey).toBe('key 2')
})

test('a verified mark withdrawn on another device does not return because this one saw a newer record', () => {
  const known = { ...learned(undefined, shown('key 1', 1)), verified: true, kept: true }
  const renamed = learned(known, shown('key 1', 2, { name: 'robert' }))
  expect(renamed.dirty).toBe(true)

  // The other device briefly saw another key.
  const merged = withPin(renamed, pin('key 1', { verified: false }))

  expect(merged?.verified).toBe(false)
})

test('a decision about the number made here counts until the box has it', () => {
  const known = { ...learned(undefined, shown('key 1', 1)), kept: true }
  const decided = { ...known, verified: true, dirty: true, isDecidedHere: true }
  const merged = withPin(decided, pin('key 1', { verified: false }))
  expect((merged ?? decided).verified).toBe(true)
})

test('a box that still has a key that was abandoned here is written again', () => {
  const known = withPin(undefined, pin('key 2', { former: [former('key 1')] }))
  const kept = withPin(known, pin('key 1', { verified: true }))
  expect(kept).toMatchObject({ identityKey: 'key 2', dirty: true })
})

test('a key that the person reverted from does not return with an earlier box', () => {
  const first = { ...learned(undefined, shown('key 1', 1)), kept: true }
  const fooled = withAcceptedKey(learned(first, shown('key of the server', 2)), [], 7)
  const back = withAcceptedKey(learned(fooled, shown('key 1', 3)), [], 9)
  const written = pin('key of the server', { former: [former('key 1')] })

  expect(withPin(back, written) ?? back).toMatchObject({ identityKey: 'key 1', dirty: true })

  // The device that switched to the other key reverts, too.
  const laptop = withPin({ ...first, dirty: false }, written)
  const box = pin('key 1', { former: [{ ...former('key of the server'), replacedAt: 9 }] })
  expect(withPin(laptop, box)).toMatchObject({ identityKey: 'key 1' })
})

test('the later of two decisions counts, whenever the keys were seen', () => {
  const first = { ...learned(undefined, shown('key 1', 1)), kept: true }
  const laptop = withAcceptedKey(learned(first, shown('key of the server', 2), 45), [], 46)
  const phone = withAcceptedKey(learned(first, shown('key of the server', 2), 30), [], 31)
  const back = withAcceptedKey(learned(phone, shown('key 1', 3), 40), [], 50)

  expect(withPin(laptop, written(back))).toMatchObject({ identityKey: 'key 1', dirty: false })
  expect(withPin(back, written(laptop)) ?? back).toMatchObject({
    identityKey: 'key 1',
    dirty: true,
  })
})

test('reverting to a key is the later decision, even if the clock here is slow', () => {
  const first = { ...learned(undefined, shown('key 1', 1)), kept: true }
  const laptop = withAcceptedKey(learned(first, shown('key of the server', 2)), [], 46)
  const phone = withPin(first, written(laptop)) as ContactRecord
  const back = withAcceptedKey(learned(phone, shown('key 1', 3)), [], 30)

  expect(withPin(laptop, written(back))).toMatchObject({ identityKey: 'key 1' })
})

test.each([
  [7, 9],
  [9, 7],
])('a former key with time %d here and %d in the box has the higher one', (here, there) => {
  const at = (replacedAt: number) => pin('key 2', { former: [{ ...former('key 1'), replacedAt }] })
  const known = withPin(undefined, at(here)) as ContactRecord
  expect((withPin(known, at(there)) ?? known).formerKeys).toMatchObject([{ replacedAt: 9 }])
})

test('former keys from two devices are in the order they were abandoned', () => {
  const at = (identityKey: string, replacedAt: number) => ({ ...former(identityKey), replacedAt })
  const known = withPin(undefined, pin('key 3', { former: [at('key 1', 4)] }))
  const merged = withPin(known, pin('key 3', { former: [at('key 2', 6), at('key 0', 2)] }))
  expect(merged?.formerKeys.map(({ identityKey }) => identityKey)).toEqual([
    'key 2',
    'key 1',
    'key 0',
  ])
})

test('former keys of a box with a key that was abandoned here are kept', () => {
  const known = withPin(undefined, pin('key 2', { former: [former('key 1')] }))
  const kept = withPin(known, pin('key 1', { former: [former('key 0')] }))
  expect(kept?.formerKeys).toEqual([former('key 0'), former('key 1')])
})

test('former keys that the box does not list make the pin dirty', () => {
  const known = withPin(undefined, pin('key 2', { former: [former('key 0')] }))
  expect(withPin(known, pin('key 2'))).toMatchObject({ dirty: true })
  const elsewhere = pin('key 3', { former: [former('key 2')] })
  expect(withPin(known, elsewhere)).toMatchObject({ identityKey: 'key 3', dirty: true })
})

test('a box does not lower the version of a record that was seen here', () => {
  const waiting = learned({ ...pinOnly(account, 'key 1', 1), kept: true }, shown('key 2', 5))
  const box = pin('key 2', { recordVersion: 3, former: [former('key 1')] })
  const followed = withPin(waiting, box)

  expect(followed).toMatchObject({ identityKey: 'key 2', recordVersion: 5, dirty: true })
  expect(() => learned(followed, shown('key 2', 4))).toThrow('untrusted_answer')
})

test('a box that pins the waiting key first does not lower its version either', () => {
  const waiting = learned(learned(undefined, shown('key 1', 1)), shown('key 2', 5))
  const conflict = withPin(waiting, pin('key 2', { recordVersion: 3 }))

  expect(conflict).toMatchObject({ identityKey: 'key 2', recordVersion: 5, kept: true })
  expect(conflict?.changed?.record.identityKey).toBe('key 1')
  expect(conflict?.current?.record.identityKey).toBe('key 2')
})

test('a conflict between our devices is shown with the time it was found', () => {
  const known = learned(undefined, shown('key of the server', 1))
  expect(withPin(known, pin('key 1'), 12)).toMatchObject({ changedAt: 12 })
})
