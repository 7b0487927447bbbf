import type { Pin } from '@sotto/crypto'
import { AccountId } from '@sotto/wire'
import { expect, test } from 'vitest'
import { learned, pinOnly, withAcceptedKey, withPin } from '../src/contact-pins.ts'
import { trustOf } from '../src/contacts.ts'
import type { ContactRecord, VerifiedAccount } from '../src/stored.ts'

const account = AccountId.parse(crypto.randomUUID())

function shown(identityKey: string, version: number, more = {}): VerifiedAccount {
  const record = {
    account,
    version,
    name: 'bob',
    pictureSha256: null,
    identityKey,
    ecdhKey: `ecdh of ${identityKey}`,
    rsaKey: null,
    issuedAt: 0,
    ...more,
  }
  const statement = JSON.stringify(record)
  return { record, statement, picture: null, devices: [], pastKeys: [] }
}

const pin = (identityKey: string, more: Partial<Pin> = {}): Pin => ({
  account,
  identityKey,
  recordVersion: 1,
  verified: false,
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

  const accepted = withAcceptedKey(changed)
  expect(accepted).toMatchObject({ identityKey: 'key 2', formerKeys: ['key 1'], changed: null })
  expect(accepted.current?.pastKeys).toEqual([{ identityKey: 'key 1', ecdhKey: 'ecdh of key 1' }])
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
  const known = withPin(undefined, pin('key 1', { verified: true }), []) as ContactRecord
  expect(learned(known, shown('key 2', 2))).toMatchObject({ identityKey: 'key 1' })
  expect(trustOf(learned(known, shown('key 2', 2)))).toBe('key_changed')
})

test('two own devices that were shown different keys notice it', () => {
  const known = { ...learned(undefined, shown('key of the server', 1)), kept: true, dirty: true }
  const conflict = withPin(known, pin('key 1'), []) as ContactRecord
  expect(conflict.identityKey).toBe('key 1')
  expect(trustOf(conflict)).toBe('key_changed')
})

test('a change that was accepted on another device is accepted here', () => {
  const changed = learned({ ...pinOnly(account, 'key 1', 1), kept: true }, shown('key 2', 2))
  const accepted = withPin(changed, pin('key 2', { recordVersion: 2 }), [pin('key 1')])
  expect(accepted).toMatchObject({ identityKey: 'key 2', changed: null })
})
