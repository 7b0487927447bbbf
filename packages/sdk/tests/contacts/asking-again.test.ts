import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ClientError } from '../../src/api/errors.ts'
import { type Contacts, openContacts } from '../../src/contacts/contacts.ts'
import { FreshContacts } from '../../src/contacts/fresh-contacts.ts'
import { NamedRecords } from '../../src/contacts/named-records.ts'
import { Questions } from '../../src/transport/questions.ts'
import { ChatServer } from '../world/chat-server.ts'
import { Disk } from '../world/disk.ts'
import { Person } from '../world/person.ts'

let alice: Person
let bob: Person
let server: ChatServer
let contacts: Contacts
/** The number of requests to the server. */
let asked: number
let refusal: ClientError | undefined
let failures: unknown[]
const failed = (error: unknown) => failures.push(error)

beforeEach(async () => {
  ;[alice, bob] = await Promise.all([Person.create('Alice'), Person.create('Bob')])
  server = new ChatServer(alice, bob)
  asked = 0
  refusal = undefined
  failures = []
  server.onCall = () => {
    asked += 1
    if (refusal) throw refusal
  }
  const nothing = () => {}
  contacts = await openContacts({
    storage: new Disk().start().store,
    call: server.callAs(alice.accountId),
    questions: new Questions(),
    now: () => 0,
    self: alice.accountId,
    onChange: nothing,
    onKeyChange: nothing,
  })
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** Gives unwanted events time to happen. Wanted ones are awaited with `expect.poll`. */
async function rest(): Promise<void> {
  for (let turns = 0; turns < 30; turns += 1) await new Promise((resolve) => setImmediate(resolve))
}

describe('before the first message on a connection, a contact', () => {
  let looked: number
  let fresh: FreshContacts

  beforeEach(() => {
    looked = 0
    const onLooked = () => {
      looked += 1
    }
    fresh = new FreshContacts(contacts, onLooked, failed)
  })

  test('is fetched once', async () => {
    expect(fresh.has(bob.accountId)).toBe(false)
    expect(fresh.has(bob.accountId)).toBe(false)
    await expect.poll(() => looked).toBe(1)
    expect(fresh.has(bob.accountId)).toBe(true)
    expect(asked).toBe(1)
    expect(contacts.get(bob.accountId)).toBeDefined()
  })

  test('is fetched again on the next connection', async () => {
    fresh.has(bob.accountId)
    await expect.poll(() => looked).toBe(1)
    fresh.clear()
    expect(fresh.has(bob.accountId)).toBe(false)
    await expect.poll(() => asked).toBe(2)
  })

  test('is awaited while the server cannot answer', async () => {
    refusal = new ClientError('unavailable')
    fresh.has(bob.accountId)
    await rest()
    vi.advanceTimersByTime(1_999)
    await rest()
    expect({ asked, looked, is: fresh.has(bob.accountId) }).toEqual({
      asked: 1,
      looked: 0,
      is: false,
    })
    refusal = undefined
    vi.advanceTimersByTime(1)
    await expect.poll(() => looked).toBe(1)
    expect({ asked, is: fresh.has(bob.accountId) }).toEqual({ asked: 2, is: true })
    expect(failures).toEqual([])
  })

  test('is no longer fetched once the connection has ended', async () => {
    refusal = new ClientError('unavailable')
    fresh.has(bob.accountId)
    await rest()
    fresh.clear()
    vi.advanceTimersByTime(10_000)
    await rest()
    expect(asked).toBe(1)
  })

  test('receives messages under the pinned key if the answer is a lie, which is reported', async () => {
    server.people.set(bob.accountId, alice)
    fresh.has(bob.accountId)
    await expect.poll(() => looked).toBe(1)
    expect(failures).toMatchObject([{ code: 'untrusted_answer' }])
    expect(fresh.has(bob.accountId)).toBe(true)
  })

  test('that was removed is reported by the answer to the message', async () => {
    server.people.delete(bob.accountId)
    fresh.has(bob.accountId)
    await expect.poll(() => looked).toBe(1)
    expect(failures).toEqual([])
    expect(fresh.has(bob.accountId)).toBe(true)
  })
})

describe('a record named by a message', () => {
  let records: NamedRecords

  beforeEach(async () => {
    records = new NamedRecords(contacts, failed)
    await contacts.fetch(bob.accountId)
    asked = 0
  })

  test('is fetched if it is newer than the local one', async () => {
    await bob.publish({ name: 'Robert' })
    records.named(bob.accountId, 1)
    await rest()
    expect(asked).toBe(0)
    records.named(bob.accountId, 2)
    await expect.poll(() => contacts.get(bob.accountId)?.recordVersion).toBe(2)
    expect(asked).toBe(1)
  })

  test('is fetched once, until a later one is named', async () => {
    records.named(bob.accountId, 3)
    await expect.poll(() => failures.length).toBe(1)
    records.named(bob.accountId, 2)
    records.named(bob.accountId, 3)
    await rest()
    expect(asked).toBe(1)
    records.named(bob.accountId, 4)
    await expect.poll(() => asked).toBe(2)
  })

  test('is reported if the server withholds it', async () => {
    records.named(bob.accountId, 2)
    await expect.poll(() => failures).toMatchObject([{ code: 'untrusted_answer' }])
  })

  test('may follow a key that is waiting for a decision', async () => {
    await bob.renewKeys({ isSigned: false })
    records.named(bob.accountId, 9)
    await expect.poll(() => contacts.get(bob.accountId)?.changed).toBeTruthy()
    await rest()
    expect(failures).toEqual([])
  })

  test('is requested until the server answers', async () => {
    await bob.publish({})
    refusal = new ClientError('unavailable')
    records.named(bob.accountId, 2)
    await expect.poll(() => asked).toBe(1)
    await rest()
    refusal = undefined
    vi.advanceTimersByTime(1_000)
    await expect.poll(() => contacts.get(bob.accountId)?.recordVersion).toBe(2)
    expect(failures).toEqual([])
  })

  test('is not requested without a connection, but on the next one', async () => {
    await bob.publish({})
    refusal = new ClientError('unavailable')
    records.named(bob.accountId, 2)
    await rest()
    records.stop()
    vi.advanceTimersByTime(60_000)
    await rest()
    expect(asked).toBe(1)
    refusal = undefined
    records.start()
    await expect.poll(() => asked).toBe(2)
  })

  test('is not requested on the next connection once the server has answered', async () => {
    await bob.publish({})
    await records.ask(bob.accountId)
    records.stop()
    records.start()
    await rest()
    expect(asked).toBe(1)
  })

  test('stays due if a newer one is named while the answer is in flight', async () => {
    await bob.publish({})
    const asking = records.ask(bob.accountId)
    records.named(bob.accountId, 5)
    await asking
    await expect.poll(() => asked).toBe(2)
  })
})

test('an account whose message does not open is fetched immediately, and again if the server cannot answer', async () => {
  const records = new NamedRecords(contacts, failed)
  refusal = new ClientError('offline')
  await records.ask(bob.accountId)
  await rest()
  expect(contacts.get(bob.accountId)).toBeUndefined()
  refusal = undefined
  vi.advanceTimersByTime(1_000)
  await expect.poll(() => contacts.get(bob.accountId)).toBeDefined()
})
