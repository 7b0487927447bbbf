import { DeviceId } from '@sotto/wire'
import { expect, test } from 'vitest'
import { trustOf } from '../../../src/contacts/contacts.ts'
import { account, conversation, former, learned, shown, withAcceptedKey } from './shown-keys.ts'

test('the first identity key seen is pinned', () => {
  expect(learned(undefined, shown('key 1', 3))).toMatchObject({
    identityKey: 'key 1',
    recordVersion: 3,
  })
})

test('an older record, or another one with the same version, is refused', () => {
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

test('a device that the server omits stays known, and a revoked one stays revoked', () => {
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

test('a later record that lacks a revocation is accepted, and the device stays revoked', () => {
  const deviceId = DeviceId.parse(crypto.randomUUID())
  const device = { deviceId, deviceKey: 'k', identityKey: 'key 1', revokedAt: null }
  const revoked = [{ device: deviceId, at: 8 }]
  const known = learned(undefined, { ...shown('key 1', 1, { revoked }), devices: [device] })

  const later = learned(known, { ...shown('key 1', 2), devices: [device] })

  expect(later).toMatchObject({ recordVersion: 2, current: { devices: [{ revokedAt: 8 }] } })
  const latest = learned(later, { ...shown('key 1', 3), devices: [device] })
  expect(latest.current?.devices).toMatchObject([{ revokedAt: 8 }])
})

test('if a revocation has two times, the one verified first counts', () => {
  const deviceId = DeviceId.parse(crypto.randomUUID())
  const device = { deviceId, deviceKey: 'k', identityKey: 'key 1', revokedAt: null }
  const at = (time: number) => ({ revoked: [{ device: deviceId, at: time }] })
  const known = learned(undefined, { ...shown('key 1', 1, at(3)), devices: [device] })

  const later = learned(known, { ...shown('key 1', 2, at(9)), devices: [device] })

  expect(later).toMatchObject({ recordVersion: 2, current: { devices: [{ revokedAt: 3 }] } })
})

test('the first time counts for a device that is listed only later, even after a key change', () => {
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

test("a waiting record's revocation counts from its first time, even if a later record lacks it", () => {
  const deviceId = DeviceId.parse(crypto.randomUUID())
  const device = { deviceId, deviceKey: 'k', identityKey: 'key 2', revokedAt: null }
  const at = (time: number) => ({ revoked: [{ device: deviceId, at: time }] })
  const known = learned(learned(undefined, shown('key 1', 1)), shown('key 2', 2, at(3)))
  const later = learned(learned(known, shown('key 2', 3, at(9))), shown('key 2', 4))

  const accepted = withAcceptedKey(later, [])
  const listed = { ...shown('key 2', 5, at(9)), devices: [device] }
  expect(learned(accepted, listed).current?.devices).toMatchObject([{ revokedAt: 3 }])
})

test('an older record under the waiting key is refused, and so is another one with that version', () => {
  const waiting = learned(learned(undefined, shown('key 1', 1)), shown('key 2', 5))
  expect(() => learned(waiting, shown('key 2', 4))).toThrow('untrusted_answer')
  expect(() => learned(waiting, shown('key 2', 5, { name: 'eve' }))).toThrow('untrusted_answer')
  expect(learned(waiting, shown('key 2', 6)).changed?.record.version).toBe(6)
  expect(learned(waiting, shown('key 3', 2)).changed?.record.identityKey).toBe('key 3')
})
