import type { FormerKey, Pin } from '@sotto/crypto'
import { AccountId, ConversationId, DeviceId } from '@sotto/wire'
import { expect, test } from 'vitest'
import { trustOf } from '../../src/contacts/contacts.ts'
import {
  withAcceptedKey as accept,
  withPin as adopt,
  pinOnly,
  learned as seen,
} from '../../src/contacts/pins/contact-pins.ts'
import { countsAt } from '../../src/contacts/pins/former-keys.ts'
import type { ContactRecord } from '../../src/storage/records/contacts.ts'
import type { VerifiedAccount } from '../../src/storage/verified-account.ts'

const account = AccountId.parse(crypto.randomUUID())
const conversation = ConversationId.parse(crypto.randomUUID())
const other = ConversationId.parse(crypto.randomUUID())

/** `learned` at time 7. */
const learned = (known: ContactRecord | undefined, verified: VerifiedAccount) =>
  seen(known, verified, 7)

/** `withPin` at time 7. */
const withPin = (known: ContactRecord | undefined, pin: Pin) => adopt(known, pin, 7)

/** `withAcceptedKey` at time 7. */
const withAcceptedKey = (contact: ContactRecord, ends: FormerKey['ends']) =>
  accept(contact, ends, 7)

const former = (identityKey: string, ends: FormerKey['ends'] = []): FormerKey => ({
  identityKey,
  replacedAt: 7,
  ends,
})

function shown(identityKey: string, version: number, more = {}): VerifiedAccount {
  const record = {
    account,
    version,
    name: 'bob',
    pictureSha256: null,
    identityKey,
    ecdhKey: `ecdh of ${identityKey}`,
    rsaKey: null,
    revoked: [],
    issuedAt: 0,
    ...more,
  }
  const statement = JSON.stringify(record)
  return { record, statement, picture: null, devices: [], pastKeys: [] }
}

/** What the box says of a contact after it was written. */
const written = ({ identityKey, recordVersion, verified, formerKeys }: ContactRecord): Pin => ({
  account,
  identityKey,
  recordVersion,
  verified,
  former: [...formerKeys],
})

const pin = (identityKey: string, more: Partial<Pin> = {}): Pin => ({
  account,
  identityKey,
  recordVersion: 1,
  verified: false,
  former: [],
  ...more,
})

test('the first identity key that is seen is pinned', () => {
  expect(learned(undefined, shown('key 1', 3))).toMatchObject({
    identityKey: 'key 1',
    recordVersion: 3,
  })
})

test('a record that is older, or another one with the same version, is refused', () => {
  const known = learned(undefined, shown('key 1', 3))
  expect(() => learned(known, shown('key 1', 2))).toThrow('untrusted_answer')
  expect(() => learned(known, shown('key 1', 3, { name: 'eve' }))).toThrow('untrusted_answer')
  expect(learned(known, shown('key 1', 4, { name: 'robert' })).current?.record.name).toBe('robert')
})

test('another identity key waits for a decision, and verified is lost', () => {
  const known = { ...learned(undefined, shown('key 1', 1)), verified: true, kept: true }
  const changed = learned(known, shown('key 2', 2))

  expect(changed).toMatchObject({ identityKey: 'key 1', verified: false, dirty: true })
  expect(changed.current?.record.ecdhKey).toBe('ecdh of key 1')
  expect(trustOf(changed)).toBe('key_changed')

  const accepted = withAcceptedKey(changed, [{ conversation, seq: 5 }])
  const formerKeys = [former('key 1', [{ conversation, seq: 5 }])]
  expect(accepted).toMatchObject({ identityKey: 'key 2', formerKeys, changed: null })
  expect(accepted.current?.pastKeys).toEqual([
    { identityKey: 'key 1', ecdhKey: 'ecdh of key 1', rsaKey: null },
  ])
})

test('a device that the server leaves out stays known, and revoked stays revoked', () => {
  const device = { deviceId: account as never, deviceKey: 'k', identityKey: 'key 1' }
  const known = learned(undefined, {
    ...shown('key 1', 1),
    devices: [{ ...device, revokedAt: 5 }],
  })
  const later = learned(known, { ...shown('key 1', 2), devices: [] })
  expect(later.current?.devices).toEqual([{ ...device, revokedAt: 5 }])
  const revived = learned(later, {
    ...shown('key 1', 3),
    devices: [{ ...device, revokedAt: null }],
  })
  expect(revived.current?.devices).toEqual([{ ...device, revokedAt: 5 }])
})

test('a pin of another own device counts before the first contact', () => {
  const known = withPin(undefined, pin('key 1', { verified: true })) as ContactRecord
  expect(learned(known, shown('key 2', 2))).toMatchObject({ identityKey: 'key 1' })
  expect(trustOf(learned(known, shown('key 2', 2)))).toBe('key_changed')
})

test('two own devices that were shown different keys notice it', () => {
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

test('a former key counts up to the end of the log, also if another device decided', () => {
  const ends = [{ conversation, seq: 3 }]
  const known = withPin(undefined, pin('key 2', { former: [former('key 1', ends)] }))
  if (!known) throw new Error('no pin')

  expect(countsAt(known, 'key 1', conversation, 3)).toBe(true)
  expect(countsAt(known, 'key 1', conversation, 4)).toBe(false)
  expect(countsAt(known, 'key 1', other, 1)).toBe(false)
  expect(countsAt(known, 'key 2', other, 1)).toBe(true)
  expect(countsAt(known, 'key 3', conversation, 1)).toBe(false)
})

test('two devices with the same former key let it count only as far as both say', () => {
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

test('a device id keeps the first key that was verified for it', () => {
  const device = { deviceId: account as never, identityKey: 'key 1', revokedAt: null }
  const known = learned(undefined, {
    ...shown('key 1', 1),
    devices: [{ ...device, deviceKey: 'first' }],
  })
  const later = learned(known, {
    ...shown('key 1', 2),
    devices: [{ ...device, deviceKey: 'second' }],
  })
  expect(later.current?.devices).toEqual([{ ...device, deviceKey: 'first' }])
})

test('the signed record revokes devices, whether the server lists them or not', () => {
  const deviceId = account as never
  const device = { deviceId, deviceKey: 'k', identityKey: 'key 1', revokedAt: null }
  const known = learned(undefined, { ...shown('key 1', 1), devices: [device] })
  const later = learned(known, shown('key 1', 2, { revoked: [{ device: deviceId, at: 8 }] }))
  expect(later.current?.devices).toEqual([{ ...device, revokedAt: 8 }])
})

test('a later record that lacks a revocation counts, and the device stays revoked', () => {
  const deviceId = DeviceId.parse(crypto.randomUUID())
  const device = { deviceId, deviceKey: 'k', identityKey: 'key 1', revokedAt: null }
  const revoked = [{ device: deviceId, at: 8 }]
  const known = learned(undefined, { ...shown('key 1', 1, { revoked }), devices: [device] })

  const later = learned(known, { ...shown('key 1', 2), devices: [device] })

  expect(later).toMatchObject({ recordVersion: 2, current: { devices: [{ revokedAt: 8 }] } })
  const latest = learned(later, { ...shown('key 1', 3), devices: [device] })
  expect(latest.current?.devices).toMatchObject([{ revokedAt: 8 }])
})

test('what the box says already is not written again', () => {
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

test('a new key that another own device accepted counts, although the old one had revoked devices', () => {
  const device = crypto.randomUUID()
  const revoked = [{ device, at: 3 }]
  const known = { ...learned(undefined, shown('key 1', 4, { revoked })), kept: true }
  const followed = withPin(known, pin('key 2', { recordVersion: 5, former: [former('key 1')] }))

  // Under new keys nothing is revoked yet.
  const next = learned(followed, shown('key 2', 5))

  expect(next).toMatchObject({ identityKey: 'key 2', changed: null })
  expect(next.current?.record.identityKey).toBe('key 2')
})

test('of two times of a revocation the one that was verified first counts', () => {
  const deviceId = DeviceId.parse(crypto.randomUUID())
  const device = { deviceId, deviceKey: 'k', identityKey: 'key 1', revokedAt: null }
  const at = (time: number) => ({ revoked: [{ device: deviceId, at: time }] })
  const known = learned(undefined, { ...shown('key 1', 1, at(3)), devices: [device] })

  const later = learned(known, { ...shown('key 1', 2, at(9)), devices: [device] })

  expect(later).toMatchObject({ recordVersion: 2, current: { devices: [{ revokedAt: 3 }] } })
})

test('the first time counts for a device that is listed only later, also after a key change', () => {
  const deviceId = DeviceId.parse(crypto.randomUUID())
  const device = { deviceId, deviceKey: 'k', identityKey: 'key 1', revokedAt: 9 }
  const at = (time: number) => ({ revoked: [{ device: deviceId, at: time }] })
  const known = learned(learned(undefined, shown('key 1', 1, at(3))), shown('key 1', 2, at(9)))
  const listed = { ...shown('key 1', 3, at(9)), devices: [device] }

  expect(learned(known, listed).current?.devices).toMatchObject([{ revokedAt: 3 }])

  const replaced = withAcceptedKey(learned(known, shown('key 2', 4)), [])
  const after = { ...shown('key 2', 5), devices: [{ ...device, revokedAt: null }] }
  expect(learned(replaced, after).current?.devices).toMatchObject([{ revokedAt: 3 }])
})

test('what a waiting record revoked counts from its first time, also when a later one lacks it', () => {
  const deviceId = DeviceId.parse(crypto.randomUUID())
  const device = { deviceId, deviceKey: 'k', identityKey: 'key 2', revokedAt: null }
  const at = (time: number) => ({ revoked: [{ device: deviceId, at: time }] })
  const known = learned(learned(undefined, shown('key 1', 1)), shown('key 2', 2, at(3)))
  const later = learned(learned(known, shown('key 2', 3, at(9))), shown('key 2', 4))

  const accepted = withAcceptedKey(later, [])
  const listed = { ...shown('key 2', 5, at(9)), devices: [device] }
  expect(learned(accepted, listed).current?.devices).toMatchObject([{ revokedAt: 3 }])
})

test('verified that another own device took back does not return because this one saw a newer record', () => {
  const known = { ...learned(undefined, shown('key 1', 1)), verified: true, kept: true }
  const renamed = learned(known, shown('key 1', 2, { name: 'robert' }))
  expect(renamed.dirty).toBe(true)

  // The other device saw another key for a moment.
  const merged = withPin(renamed, pin('key 1', { verified: false }))

  expect(merged?.verified).toBe(false)
})

test('what was decided about the number here counts until the box has it', () => {
  const known = { ...learned(undefined, shown('key 1', 1)), kept: true }
  const decided = { ...known, verified: true, dirty: true, isDecidedHere: true }
  const merged = withPin(decided, pin('key 1', { verified: false }))
  expect((merged ?? decided).verified).toBe(true)
})

test('a box that still has a key which was given up here is written again', () => {
  const known = withPin(undefined, pin('key 2', { former: [former('key 1')] }))
  const kept = withPin(known, pin('key 1', { verified: true }))
  expect(kept).toMatchObject({ identityKey: 'key 2', dirty: true })
})

test('a key that the person went back from does not return with a box written before that', () => {
  const first = { ...learned(undefined, shown('key 1', 1)), kept: true }
  const fooled = accept(learned(first, shown('key of the server', 2)), [], 7)
  const back = accept(learned(fooled, shown('key 1', 3)), [], 9)
  const written = pin('key of the server', { former: [former('key 1')] })

  expect(withPin(back, written) ?? back).toMatchObject({ identityKey: 'key 1', dirty: true })

  // The device that has followed to the other key comes back, too.
  const laptop = withPin({ ...first, dirty: false }, written)
  const box = pin('key 1', { former: [{ ...former('key of the server'), replacedAt: 9 }] })
  expect(withPin(laptop, box)).toMatchObject({ identityKey: 'key 1' })
})

test('of two decisions the one that was made later counts, whenever the keys were seen', () => {
  const first = { ...learned(undefined, shown('key 1', 1)), kept: true }
  const laptop = accept(seen(first, shown('key of the server', 2), 45), [], 46)
  const phone = accept(seen(first, shown('key of the server', 2), 30), [], 31)
  const back = accept(seen(phone, shown('key 1', 3), 40), [], 50)

  expect(withPin(laptop, written(back))).toMatchObject({ identityKey: 'key 1', dirty: false })
  expect(withPin(back, written(laptop)) ?? back).toMatchObject({
    identityKey: 'key 1',
    dirty: true,
  })
})

test('going back to a key is the later decision, although the clock here is behind', () => {
  const first = { ...learned(undefined, shown('key 1', 1)), kept: true }
  const laptop = accept(learned(first, shown('key of the server', 2)), [], 46)
  const phone = withPin(first, written(laptop)) as ContactRecord
  const back = accept(learned(phone, shown('key 1', 3)), [], 30)

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

test('former keys that two devices know are in the order in which they were given up', () => {
  const at = (identityKey: string, replacedAt: number) => ({ ...former(identityKey), replacedAt })
  const known = withPin(undefined, pin('key 3', { former: [at('key 1', 4)] }))
  const merged = withPin(known, pin('key 3', { former: [at('key 2', 6), at('key 0', 2)] }))
  expect(merged?.formerKeys.map(({ identityKey }) => identityKey)).toEqual([
    'key 2',
    'key 1',
    'key 0',
  ])
})

test('a conflict between own devices is shown with the time at which it was found', () => {
  const known = learned(undefined, shown('key of the server', 1))
  expect(adopt(known, pin('key 1'), 12)).toMatchObject({ changedAt: 12 })
})

test('former keys of a box that has a key which was given up here are kept', () => {
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

test('an older record under the key that waits is refused, and so is another one of that version', () => {
  const waiting = learned(learned(undefined, shown('key 1', 1)), shown('key 2', 5))
  expect(() => learned(waiting, shown('key 2', 4))).toThrow('untrusted_answer')
  expect(() => learned(waiting, shown('key 2', 5, { name: 'eve' }))).toThrow('untrusted_answer')
  expect(learned(waiting, shown('key 2', 6)).changed?.record.version).toBe(6)
  expect(learned(waiting, shown('key 3', 2)).changed?.record.identityKey).toBe('key 3')
})
