import { DeviceId } from '@sotto/wire'
import { expect, test } from 'vitest'
import {
  hasUnknown,
  newDevicesOf,
  withDevices,
  withSeen,
} from '../../src/account/state/known-devices.ts'
import type { Own } from '../../src/storage/records/account.ts'

const id = () => DeviceId.parse(crypto.randomUUID())
const [self, laptop, phone] = [id(), id(), id()]
const device = (deviceId: DeviceId, name = 'a device') => ({ deviceId, name, signedAt: 1 })
const own = (parts: Partial<Own> = {}, revoked: readonly DeviceId[] = []) =>
  ({ record: { revoked: revoked.map((one) => ({ device: one, at: 2 })) }, ...parts }) as Own

test('devices present at the first check are not new, and later ones are', () => {
  const first = withDevices(own(), [device(self), device(laptop)], self)
  expect(newDevicesOf(first)).toEqual([])
  const later = withDevices(first, [device(self), device(laptop), device(phone, 'phone')], self)
  expect(newDevicesOf(later)).toEqual([device(phone, 'phone')])
})

test('the device itself is never new, even under a later id', () => {
  const first = withDevices(own({ knownDevices: [] }), [device(self)], self)
  expect(newDevicesOf(first)).toEqual([])
  expect(newDevicesOf(withDevices(first, [device(phone)], phone))).toEqual([])
})

test('a new device stays new until it was seen, even if it is renamed', () => {
  const first = withDevices(own({ knownDevices: [] }), [device(laptop)], self)
  const renamed = withDevices(first, [device(laptop, 'renamed'), device(phone)], self)
  expect(newDevicesOf(renamed)).toEqual([device(laptop, 'renamed'), device(phone)])
  const seen = withSeen(renamed, [laptop])
  expect(newDevicesOf(seen)).toEqual([device(phone)])
  expect(newDevicesOf(withDevices(seen, [device(laptop)], self))).toEqual([device(phone)])
})

test('a device that the server omits stays known; a revoked one needs no notice', () => {
  const both = withDevices(own({ knownDevices: [] }), [device(laptop), device(phone)], self)
  const fewer = withDevices(both, [], self)
  expect(newDevicesOf(fewer)).toEqual([device(laptop), device(phone)])
  expect(newDevicesOf({ ...fewer, ...own({}, [phone]) })).toEqual([device(laptop)])
})

test('only devices never seen before are reported as unknown', () => {
  expect(hasUnknown(own(), [])).toBe(true)
  const known = withDevices(own(), [device(laptop)], self)
  expect(hasUnknown(known, [laptop])).toBe(false)
  expect(hasUnknown(known, [laptop, phone])).toBe(true)
})
