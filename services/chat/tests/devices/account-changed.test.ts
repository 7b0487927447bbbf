import { chatRequests } from '@sotto/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { answer, type Person, requestConversation } from '../person.ts'
import { startChat, type TestChat } from '../start-chat.ts'

let chat: TestChat

beforeAll(async () => {
  chat = await startChat({ limitFactor: 10 })
})
afterAll(() => chat[Symbol.asyncDispose]())

const publish = (person: Person, record: string) =>
  chat.call(person, chatRequests.putUser, { body: { record, picture: null } })

test('contacts are notified of a change, strangers are not', async () => {
  const [alice, bob, carol] = [
    await chat.person('Alice'),
    await chat.person('Bob'),
    await chat.person('Carol'),
  ]
  await requestConversation(chat, alice, bob)
  await chat.settle()
  chat.events.length = 0
  await publish(alice, alice.record({ version: 2 }))

  const { recipients } = await chat.event('account.changed')
  expect(recipients.toSorted()).toEqual([alice.accountId, bob.accountId].toSorted())
  expect(recipients).not.toContain(carol.accountId)
})

for (const state of ['declined', 'blocked'] as const) {
  test(`an account that someone has ${state} is still notified, but one that has ${state} is not`, async () => {
    const [alice, bob] = [await chat.person('Alice'), await chat.person('Bob')]
    const id = await requestConversation(chat, alice, bob)
    await answer(chat, bob, id, state)
    await chat.settle()
    chat.events.length = 0

    await publish(bob, bob.record({ version: 2 }))
    await publish(alice, alice.record({ version: 2 }))

    const recipientsOf = async (person: Person) => {
      const isTheirs = (event: { accountId: string }) => event.accountId === person.accountId
      return (await chat.event('account.changed', isTheirs)).recipients.toSorted()
    }
    expect(await recipientsOf(bob)).toEqual([alice.accountId, bob.accountId].toSorted())
    expect(await recipientsOf(alice)).toEqual([alice.accountId])
  })
}

test('contacts are notified only when a record or device changes', async () => {
  const [alice, bob] = [await chat.person('Alice'), await chat.person('Bob')]
  await requestConversation(chat, alice, bob)
  const [record, credential] = [alice.record({ version: 2 }), alice.credential()]
  const putDevice = () =>
    chat.call(alice, chatRequests.putDevice, {
      params: { deviceId: alice.deviceId },
      body: { credential },
    })
  await publish(alice, record)
  await putDevice()
  await chat.settle()
  chat.events.length = 0
  await publish(alice, record)
  await putDevice()
  const { status } = await chat.call(alice, chatRequests.putManifest, {
    body: { manifest: alice.manifest() },
  })
  expect(status).toBe(200)
  await chat.settle()

  expect(chat.events).toEqual([])
})
