import type { FormerKey, Pin } from '@sotto/crypto'
import { AccountId, SignedName } from '@sotto/wire'
import { beforeEach, expect, test } from 'vitest'
import { ClientError } from '../../src/api/errors.ts'
import { type Contacts, openContacts } from '../../src/contacts/contacts.ts'
import { pinOnly } from '../../src/contacts/pins/contact-pins.ts'
import { put } from '../../src/storage/record-kind.ts'
import { contactAt } from '../../src/storage/records/contacts.ts'
import type { Store } from '../../src/storage/store.ts'
import type { VerifiedAccount } from '../../src/storage/verified-account.ts'
import { Questions } from '../../src/transport/questions.ts'
import { createMemoryStore } from '../storage/memory-store.ts'

const account = AccountId.parse(crypto.randomUUID())

let contacts: Contacts

const open = (storage: Store, refusal: Error) =>
  openContacts({
    storage,
    call: () => Promise.reject(refusal),
    questions: new Questions(),
    self: AccountId.parse(crypto.randomUUID()),
    now: () => 7,
    onChange: () => {},
    onKeyChange: () => {},
  })

beforeEach(async () => {
  contacts = await open(createMemoryStore(), new Error('this test sends no request'))
})

function pin(identityKey: string, verified: boolean, ...former: string[]): Pin {
  const formerKeys = former.map((key): FormerKey => ({ identityKey: key, replacedAt: 3, ends: [] }))
  return { account, identityKey, recordVersion: 1, verified, former: formerKeys }
}

test.each([true, false])(
  'after a restore, a mark that only one side has does not count (local: %s)',
  async (here) => {
    await contacts.adoptPins([pin('key 1', here)])
    await contacts.joinPins([pin('key 1', !here)])
    expect(contacts.get(account)).toMatchObject({ verified: false })
  },
)

test('after a restore, a mark that both sides have counts', async () => {
  await contacts.adoptPins([pin('key 1', true)])
  await contacts.joinPins([pin('key 1', true)])
  expect(contacts.get(account)).toMatchObject({ verified: true })
})

test('after a restore, the key that wins brings its mark', async () => {
  await contacts.adoptPins([pin('key 2', true, 'key 1')])
  await contacts.joinPins([pin('key 1', false)])
  expect(contacts.get(account)).toMatchObject({ identityKey: 'key 2', verified: true, dirty: true })

  await contacts.joinPins([pin('key 3', true, 'key 2', 'key 1')])
  expect(contacts.get(account)).toMatchObject({ identityKey: 'key 3', verified: true })
})

const KEY = 'A'.repeat(43)

/** The account's data in this version. */
const seen = (version: number): VerifiedAccount => ({
  record: {
    account,
    version,
    name: SignedName.parse('Ada'),
    pictureSha256: null,
    identityKey: KEY,
    ecdhKey: 'AAAA',
    rsaKey: null,
    revoked: [],
    issuedAt: 0,
  },
  statement: 'e30.e30.AA',
  picture: null,
  devices: [],
  pastKeys: [],
})

test.each([
  { told: 3, here: { current: seen(3), recordVersion: 3 }, isAsked: false },
  { told: 4, here: { current: seen(3), recordVersion: 3 }, isAsked: true },
  // Another of our devices has seen version 5: a server that reports 4 was wound back.
  { told: 4, here: { current: seen(3), recordVersion: 5 }, isAsked: false },
  { told: 5, here: { current: seen(3), recordVersion: 5 }, isAsked: true },
  // New keys wait for a decision.
  { told: 7, here: { current: seen(3), changed: seen(7), recordVersion: 3 }, isAsked: false },
  { told: 8, here: { current: seen(3), changed: seen(7), recordVersion: 3 }, isAsked: true },
  // A hint says that something is new, but not what.
  { told: undefined, here: { current: seen(3), recordVersion: 3 }, isAsked: true },
])(
  'a contact is fetched again if the server has something newer ($told, $isAsked)',
  async (one) => {
    const storage = createMemoryStore()
    const contact = { ...pinOnly(account, KEY, 1), ...one.here }
    await storage.write([put(contactAt(account), contact)])
    const asked = new ClientError('unavailable')
    contacts = await open(storage, asked)

    const outcome = await contacts.refresh(account, one.told).catch((error: unknown) => error)
    expect(outcome).toBe(one.isAsked ? asked : undefined)
  },
)

test('a removed contact shows nothing, and a stranger is not fetched', async () => {
  await contacts.refresh(account)
  const storage = createMemoryStore()
  await storage.write([put(contactAt(account), pinOnly(account, KEY, 1))])
  contacts = await open(storage, new ClientError('account_not_found'))
  await contacts.refresh(account)
})
