import { beforeEach, describe, expect, test } from 'vitest'
import { ClientError } from '../../src/api/errors.ts'
import {
  type Contacts,
  contactView,
  openContacts,
  shownNameOf,
} from '../../src/contacts/contacts.ts'
import { pinOnly, pinsOf } from '../../src/contacts/pins/contact-pins.ts'
import { put } from '../../src/storage/record-kind.ts'
import { contactAt } from '../../src/storage/records/contacts.ts'
import type { Store } from '../../src/storage/store.ts'
import { Questions } from '../../src/transport/questions.ts'
import { ChatServer } from '../world/chat-server.ts'
import { Disk } from '../world/disk.ts'
import { Person } from '../world/person.ts'

let alice: Person
let bob: Person
let server: ChatServer
let questions: Questions
let changed: string[]
let keyChanged: string[]
let storage: Store
let contacts: Contacts
let now: number

const open = (store: Store) =>
  openContacts({
    storage: store,
    call: server.callAs(alice.accountId),
    questions,
    now: () => now,
    self: alice.accountId,
    onChange: (id) => changed.push(id),
    onKeyChange: (id) => keyChanged.push(id),
  })

beforeEach(async () => {
  ;[alice, bob] = await Promise.all([Person.create('Alice'), Person.create('Bob')])
  server = new ChatServer(alice, bob)
  questions = new Questions()
  changed = []
  keyChanged = []
  now = 7
  storage = new Disk().start().store
  contacts = await open(storage)
})

const pinned = () => contacts.get(bob.accountId)

describe('at first contact', () => {
  test('the key shown by the server is pinned, but not shared with our other devices yet', async () => {
    await contacts.fetch(bob.accountId)
    const { identityKey } = bob.record
    expect(pinned()).toMatchObject({ identityKey, verified: false, kept: false, dirty: false })
    expect(pinned()?.namedAt).toBe(7)
    expect(changed).toEqual([bob.accountId])
    expect(keyChanged).toEqual([])
  })

  test('an answer about someone else is refused', async () => {
    const eve = await Person.create('Eve')
    server.people.set(bob.accountId, eve)
    await expect(contacts.fetch(bob.accountId)).rejects.toMatchObject({ code: 'untrusted_answer' })
    expect(pinned()).toBeUndefined()
  })

  test('a key from the person is pinned once, before the server shows any', async () => {
    const key = bob.record.identityKey
    expect(await contacts.pin(bob.accountId, key)).toMatchObject({ identityKey: key })
    await bob.renewKeys({ isSigned: false })
    await contacts.pin(bob.accountId, bob.record.identityKey)
    expect(pinned()?.identityKey).toBe(key)
  })

  test('only unknown contacts are fetched', async () => {
    const asked: string[] = []
    server.onCall = ({ path }) => asked.push(path)
    await contacts.ensure(bob.accountId)
    await contacts.ensure(bob.accountId)
    expect(asked).toHaveLength(1)
  })

  test('a contact with only a changed key is not fetched again', async () => {
    await contacts.pin(bob.accountId, alice.record.identityKey)
    await contacts.fetch(bob.accountId)
    const asked: string[] = []
    server.onCall = ({ path }) => asked.push(path)
    expect(await contacts.ensure(bob.accountId)).toMatchObject({ current: undefined })
    expect(asked).toEqual([])
  })
})

describe('another key', () => {
  test('waits for a decision, and is reported once', async () => {
    await contacts.fetch(bob.accountId)
    const before = pinned()?.identityKey
    await bob.renewKeys({ isSigned: false })
    await contacts.fetch(bob.accountId)
    await contacts.fetch(bob.accountId)
    expect(pinned()).toMatchObject({ identityKey: before, changedAt: 7 })
    expect(pinned()?.changed?.record.identityKey).toBe(bob.record.identityKey)
    expect(keyChanged).toEqual([bob.accountId])
  })

  test('that the pinned one has signed is recorded as its successor', async () => {
    await contacts.fetch(bob.accountId)
    const before = pinned()?.identityKey
    await bob.renewKeys({ isSigned: true })
    await contacts.fetch(bob.accountId)
    expect(pinned()?.changed?.succeeds?.identityKey).toBe(bob.record.identityKey)
    expect(pinned()?.identityKey).toBe(before)
  })

  test('that was signed through several steps lists the keys in between', async () => {
    await contacts.fetch(bob.accountId)
    await bob.renewKeys({ isSigned: true })
    const between = bob.record.identityKey
    await bob.renewKeys({ isSigned: true })
    await contacts.fetch(bob.accountId)
    expect(pinned()?.changed?.succeeds?.through).toEqual([between])
  })

  test('under the same key, former records and devices stay known', async () => {
    const { deviceId } = await bob.enroll()
    await contacts.fetch(bob.accountId)
    await bob.publish({ name: 'Robert' })
    await contacts.fetch(bob.accountId)
    expect(pinned()?.current?.devices).toMatchObject([{ deviceId }])
    expect(pinned()?.recordVersion).toBe(2)
  })
})

describe('a name', () => {
  test('is dated when it changes, and only then', async () => {
    await contacts.fetch(bob.accountId)
    now = 9
    await bob.publish({})
    await contacts.fetch(bob.accountId)
    expect(pinned()?.namedAt).toBe(7)
    await bob.publish({ name: 'Robert' })
    await contacts.fetch(bob.accountId)
    expect(pinned()?.namedAt).toBe(9)
  })

  test('of a contact added by another of our devices counts as known before', async () => {
    const pin = { ...pinOnly(bob.accountId, bob.record.identityKey, 1), kept: true }
    await storage.write([put(contactAt(bob.accountId), pin)])
    contacts = await open(storage)
    await contacts.fetch(bob.accountId)
    expect(pinned()?.namedAt).toBe(0)
  })
})

describe('a contact is fetched again', () => {
  beforeEach(async () => {
    await bob.publish({})
    await contacts.fetch(bob.accountId)
  })
  const asks = async (version?: number) => {
    let count = 0
    server.onCall = () => {
      count += 1
    }
    // Another test covers a server that withholds what was seen.
    await contacts.refresh(bob.accountId, version).catch(() => {})
    return count > 0
  }

  test('for a version that is missing here, or without a version', async () => {
    expect(await asks(1)).toBe(false)
    expect(await asks(2)).toBe(false)
    expect(await asks(3)).toBe(true)
    expect(await asks()).toBe(true)
  })

  test('only beyond the version of a waiting record', async () => {
    await bob.renewKeys({ isSigned: false })
    await contacts.fetch(bob.accountId)
    expect(await asks(3)).toBe(false)
    expect(await asks(4)).toBe(true)
  })

  test('only beyond what another of our devices has seen', async () => {
    await contacts.update(bob.accountId, { recordVersion: 5 })
    expect(await asks(4)).toBe(false)
    expect(await asks(5)).toBe(true)
  })

  test('only if it is known', async () => {
    const eve = await Person.create('Eve')
    server.people.set(eve.accountId, eve)
    await contacts.refresh(eve.accountId)
    expect(contacts.get(eve.accountId)).toBeUndefined()
  })

  test('without an error if the account was removed, but with any other', async () => {
    server.people.delete(bob.accountId)
    await contacts.refresh(bob.accountId)
    server.onCall = () => {
      throw new ClientError('unavailable')
    }
    await expect(contacts.refresh(bob.accountId)).rejects.toMatchObject({ code: 'unavailable' })
  })
})

test('unknown contacts cannot be changed', async () => {
  const missing = { code: 'account_not_found' }
  await expect(contacts.update(bob.accountId, {})).rejects.toMatchObject(missing)
  await expect(contacts.change(bob.accountId, (one) => one)).rejects.toMatchObject(missing)
})

test('a change without effect is not stored, and neither is a refused one', async () => {
  await contacts.fetch(bob.accountId)
  changed = []
  await contacts.change(bob.accountId, (one) => one)
  const refused = contacts.update(bob.accountId, { verified: true }, () => {
    throw new ClientError('key_changed')
  })
  await expect(refused).rejects.toMatchObject({ code: 'key_changed' })
  expect(changed).toEqual([])
  expect(pinned()?.verified).toBe(false)
})

test('a contact is kept once, and is dirty until the box has it', async () => {
  await contacts.fetch(bob.accountId)
  await contacts.keep(bob.accountId)
  expect(pinned()).toMatchObject({ kept: true, dirty: true })
  await contacts.update(bob.accountId, { dirty: false })
  await contacts.keep(bob.accountId)
  expect(pinned()).toMatchObject({ kept: true, dirty: false })
})

test("a contact's displayed data comes from the pinned key, or from the only one shown", async () => {
  expect(contactView(pinOnly(bob.accountId, 'a key', 1), null)).toBeUndefined()
  const contact = await contacts.fetch(bob.accountId)
  expect(contactView(contact, 'Bobby')).toEqual({
    accountId: bob.accountId,
    name: 'Bob',
    picture: null,
    hasRsaKey: false,
    trust: 'unverified',
    looksLike: 'Bobby',
  })
  expect(contactView({ ...contact, verified: true }, null)?.trust).toBe('verified')
  const { current } = contact
  if (!current) throw new Error('nothing is shown')
  const record = { ...current.record, rsaKey: 'a key' }
  expect(contactView({ ...contact, current: { ...current, record } }, null)?.hasRsaKey).toBe(true)
  await bob.renewKeys({ isSigned: false })
  const doubted = await contacts.fetch(bob.accountId)
  expect(contactView({ ...doubted, verified: true }, null)?.trust).toBe('key_changed')
  expect(shownNameOf({ ...doubted, current: undefined })).toBe('Bob')
})

describe('a box of the own account', () => {
  test('is written again if it lacks somebody who belongs in it', async () => {
    await contacts.fetch(bob.accountId)
    await contacts.adoptPins([])
    expect(pinned()?.dirty).toBe(false)
    await contacts.update(bob.accountId, { kept: true })
    const pins = pinsOf([...contacts.all()])
    await contacts.adoptPins(pins)
    expect(pinned()?.dirty).toBe(false)
    await contacts.adoptPins([])
    expect(pinned()?.dirty).toBe(true)
  })

  test('holds those who are kept, and keeps whom it holds', async () => {
    await contacts.fetch(bob.accountId)
    expect(pinsOf([...contacts.all()])).toEqual([])
    const { identityKey } = bob.record
    const pin = {
      account: bob.accountId,
      identityKey,
      recordVersion: 1,
      verified: false,
      former: [],
    }
    await contacts.adoptPins([pin])
    expect(pinned()).toMatchObject({ kept: true, dirty: false })
    expect(pinsOf([...contacts.all()])).toEqual([pin])
  })

  test('with another key than the one shown here leaves nobody verified', async () => {
    await contacts.fetch(bob.accountId)
    await contacts.update(bob.accountId, { verified: true })
    const identityKey = alice.record.identityKey
    const pin = {
      account: bob.accountId,
      identityKey,
      recordVersion: 1,
      verified: true,
      former: [],
    }
    await contacts.adoptPins([pin])
    expect(pinned()).toMatchObject({ identityKey, verified: false, kept: true })
  })
})
