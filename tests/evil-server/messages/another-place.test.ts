import type { ConversationId } from '@sotto/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { TamperingProxy } from '../../network/tampering-proxy.ts'
import { forgeOwnEnvelope } from '../forged-envelope.ts'
import { Scene } from '../scene.ts'
import { expectShown, whileAway } from '../shown.ts'

// The server's answer is compared with the request and with what the device knows.

let scene: Scene

beforeAll(async () => {
  scene = await Scene.start()
})
afterAll(() => scene[Symbol.asyncDispose]())

test.each(['ecdh', 'rsa'] as const)(
  'a genuine %s message is not shown in another conversation of the same two people',
  async (protocol) => {
    const { alice, bob, owner } = scene
    const from = await owner.beginConversation(protocol, alice, bob)
    await scene.aliceWrites(from, ['only here'])
    await expectShown(bob.device, from, ['only here'])
    const to = await owner.beginConversation(protocol, alice, bob)
    await using proxy = await TamperingProxy.start(scene.network.origin)
    await bob.device.close()
    proxy.tampering = {
      response(exchange) {
        if (!/^\/(changes|conversations)/.test(exchange.path)) return
        const answer = JSON.parse(exchange.responseBody)
        const all = answer.conversations ?? (answer.conversation ? [answer.conversation] : [])
        const last = all.find(({ id }: { id: string }) => id === from)?.lastEnvelope
        for (const conversation of all) {
          if (conversation.id !== to || !last) continue
          Object.assign(conversation, { lastSeq: last.seq, lastEnvelope: last })
        }
        exchange.responseBody = JSON.stringify(answer)
      },
    }
    await owner.change(from, 1, { kind: 'message' })
    await bob.device.open({ origin: proxy.origin })

    await expect
      .poll(() => bob.device.failures)
      .toContainEqual(expect.objectContaining({ code: 'untrusted_answer' }))
    expect(bob.device.messages(to)).toEqual([])
    await bob.device.close()
    await bob.device.open()
    await bob.device.online()
  },
)

test('a conversation with an unknown protocol is left alone, and the person is notified', async () => {
  const { alice, bob, owner, network } = scene
  await network.database.sql`
    alter table chat.conversations drop constraint if exists conversations_protocol_check`
  const known = await owner.beginConversation('ecdh', alice, bob)
  await scene.aliceWrites(known, ['one'])
  const unknown: ConversationId[] = []
  const people = [alice, bob].map(({ accountId }) => ({ accountId }))
  await whileAway(bob, async () => {
    for (const protocol of ['mls', 'plaintext']) {
      unknown.push(await owner.beginConversation(protocol, ...people))
    }
  })

  await expect
    .poll(() => bob.device.client.snapshot({ view: 'doubt' })?.unknownProtocols.toSorted())
    .toEqual(['mls', 'plaintext'])
  for (const id of unknown) {
    expect(bob.conversations().map((one) => one.id)).not.toContain(id)
    await expect(bob.commands.send(id, 'sealed how?')).rejects.toMatchObject({
      code: 'conversation_not_found',
    })
    expect(await owner.log(id)).toEqual([])
  }
  await scene.expectToGoOn(known, ['one'])
  await network.database.sql`
    delete from chat.participants where conversation_id = any(${unknown})`
})

test('a message forged in our name with the largest counter does not keep the person from writing', async () => {
  const { alice, bob, owner } = scene
  const id = await owner.beginConversation('ecdh', alice, bob)
  await scene.aliceWrites(id, ['one'])
  const row = await forgeOwnEnvelope(scene, id, { counter: Number.MAX_SAFE_INTEGER })
  await whileAway(alice, () => owner.append(id, row))

  await expectShown(alice.device, id, ['one', '[not_written_here]', 'never said'])
  await alice.send(id, 'two')
  await expectShown(alice.device, id, ['one', '[not_written_here]', 'never said', 'two'])
  await bob.device.message(id, ({ text }) => text === 'two')
})
