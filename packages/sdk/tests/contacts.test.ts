import type { FormerKey, Pin } from '@sotto/crypto'
import { AccountId } from '@sotto/wire'
import { beforeEach, expect, test } from 'vitest'
import { type Contacts, openContacts } from '../src/contacts.ts'
import { createMemoryStorage } from '../src/memory-storage.ts'
import { Questions } from '../src/questions.ts'

const account = AccountId.parse(crypto.randomUUID())

let contacts: Contacts

beforeEach(async () => {
  contacts = await openContacts({
    storage: createMemoryStorage(),
    call: () => Promise.reject(new Error('nothing is asked')),
    questions: new Questions(),
    self: AccountId.parse(crypto.randomUUID()),
    now: () => 7,
    changed: () => {},
    keyChanged: () => {},
  })
})

function pin(identityKey: string, verified: boolean, ...former: string[]): Pin {
  const formerKeys = former.map((key): FormerKey => ({ identityKey: key, replacedAt: 3, ends: [] }))
  return { account, identityKey, recordVersion: 1, verified, former: formerKeys }
}

test.each([true, false])(
  'after a restore a mark that only one of the two has does not count (here: %s)',
  async (here) => {
    await contacts.adoptPins([pin('key 1', here)])
    await contacts.joinPins([pin('key 1', !here)])
    expect(contacts.get(account)).toMatchObject({ verified: false })
  },
)

test('after a restore a mark that both have counts', async () => {
  await contacts.adoptPins([pin('key 1', true)])
  await contacts.joinPins([pin('key 1', true)])
  expect(contacts.get(account)).toMatchObject({ verified: true })
})

test('after a restore the mark of the key that counts goes with it', async () => {
  await contacts.adoptPins([pin('key 2', true, 'key 1')])
  await contacts.joinPins([pin('key 1', false)])
  expect(contacts.get(account)).toMatchObject({ identityKey: 'key 2', verified: true, dirty: true })

  await contacts.joinPins([pin('key 3', true, 'key 2', 'key 1')])
  expect(contacts.get(account)).toMatchObject({ identityKey: 'key 3', verified: true })
})
