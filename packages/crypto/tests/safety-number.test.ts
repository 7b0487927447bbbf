import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { safetyNumber, safetyQr } from '../src/index.ts'
import { alice, bob } from './people.ts'

const keyA = Buffer.alloc(32, 1).toString('base64url')
const keyB = Buffer.alloc(32, 2).toString('base64url')
const a = { account: alice, identityKey: keyA }
const b = { account: bob, identityKey: keyB }

/** Half of a number, computed as in PROTOCOL.md §5.2 with nothing but the hash. */
function halfByTheBook(account: string, identityKey: string): string {
  const key = Buffer.from(identityKey, 'base64url')
  const id = Buffer.from(account.replaceAll('-', ''), 'hex')
  let hash = Buffer.concat([Buffer.from('sotto/1 safety number\0'), id, key])
  for (let i = 0; i < 5200; i++) hash = createHash('sha512').update(hash).update(key).digest()
  const groups = [0, 5, 10, 15, 20, 25].map((offset) => hash.readUIntBE(offset, 5) % 100_000)
  return groups.map((group) => String(group).padStart(5, '0')).join('')
}

test('both people see the same 60 digits', async () => {
  const digits = await safetyNumber(a, b)

  expect(digits).toMatch(/^[0-9]{60}$/)
  expect(await safetyNumber(b, a)).toBe(digits)
  expect(safetyQr(digits)).toBe(`sotto:safety:1:${digits}`)
})

test('matches the digits of the protocol', async () => {
  const halves = [halfByTheBook(alice, keyA), halfByTheBook(bob, keyB)]

  expect(await safetyNumber(a, b)).toBe(halves.sort().join(''))
})

test('another key or another account yields another number', async () => {
  const digits = await safetyNumber(a, b)

  expect(await safetyNumber(a, { ...b, identityKey: keyA })).not.toBe(digits)
  expect(await safetyNumber({ ...a, account: bob }, { ...b, account: alice })).not.toBe(digits)
})
