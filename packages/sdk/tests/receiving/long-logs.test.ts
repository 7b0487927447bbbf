import { ConversationId, type EnvelopeId } from '@sotto/wire'
import { describe, expect, test } from 'vitest'
import { TwoPeople } from '../world/two-people.ts'

describe('a log of many envelopes', () => {
  const meet = async (count: number) => {
    const people = await TwoPeople.meet()
    const device = await people.start(people.alice)
    const writer = await people.start(people.bob)
    const envelope = await people.sealedBy(writer, 'hello')
    for (let n = 0; n < count; n += 1) {
      const copy = { ...envelope, id: crypto.randomUUID() as EnvelopeId }
      people.server.append({ accountId: writer.accountId, deviceId: writer.id }, copy)
    }
    const conversation = people.server.conversation(people.id)
    if (!conversation) throw new Error('there is none')
    const told = { ...people.server.toldTo(device.accountId, conversation), lastEnvelope: null }
    await device.parts.conversations.learn(told, device.parts.questions.ask())
    return { people, device, window: () => device.parts.conversations.load(people.id).window }
  }

  test('that is new here is read from the last page on, and then backwards', async () => {
    const { people, device, window } = await meet(70)
    await device.receive.catchUp(people.id, null)
    expect(window()).toMatchObject({ first: 41, newest: 70 })
    await device.receive.fetchOlder(people.id)
    expect(window()).toMatchObject({ first: 11, newest: 70 })
    await device.receive.fetchOlder(people.id)
    await device.receive.fetchOlder(people.id)
    expect(window()).toMatchObject({ first: 1, newest: 70 })
    expect(await device.log(people.id)).toHaveLength(70)
  })

  test('that went on without this device is read page by page', async () => {
    const { people, device, window } = await meet(250)
    const log = people.server.log(people.id)
    await device.receive.pushed(people.id, log.slice(0, 1))
    expect(window()).toMatchObject({ first: 1, newest: 1 })
    const asked: string[] = []
    people.server.onCall = ({ path }) => asked.push(path)
    await device.receive.catchUp(people.id, null)
    expect(window()).toMatchObject({ first: 1, newest: 250 })
    expect(asked).toHaveLength(3)
  })

  test.each(['repeats what is here', 'is out of order', 'is of another conversation'])(
    'is not read if the server %s',
    async (what) => {
      const { people, device, window } = await meet(4)
      const log = people.server.log(people.id)
      await device.receive.pushed(people.id, log.slice(0, 2))
      const other = ConversationId.parse(crypto.randomUUID())
      const lies: Record<string, unknown[]> = {
        'repeats what is here': log.slice(1),
        'is out of order': log.slice(2).reverse(),
        'is of another conversation': log
          .slice(2)
          .map((one) => ({ ...one, conversationId: other })),
      }
      people.server.lie = () => ({ envelopes: lies[what] })
      const reading = device.receive.catchUp(people.id, null)
      await expect(reading).rejects.toMatchObject({ code: 'untrusted_answer' })
      expect(window().newest).toBe(2)
    },
  )

  test('ends here where the server has no more', async () => {
    const { people, device, window } = await meet(4)
    await device.receive.pushed(people.id, people.server.log(people.id).slice(0, 2))
    people.server.lie = () => ({ envelopes: [] })
    await device.receive.catchUp(people.id, null)
    expect(window().newest).toBe(2)
    await device.receive.pushed(people.id, [])
    expect(window().newest).toBe(2)
  })
})
