import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../../network/eventually.ts'
import { storedValue } from '../../network/stored-value.ts'
import { TamperingProxy } from '../../network/tampering-proxy.ts'
import { forgeOwnEnvelope } from '../forged-envelope.ts'
import { Scene } from '../scene.ts'
import { expectShown, shownOn, whileAway } from '../shown.ts'

// In `ecdh` the other side and the owner together can create messages in Alice's name. Her own device knows what it
// wrote, even if such a message takes the id or the counter of one in flight.

let scene: Scene

beforeAll(async () => {
  scene = await Scene.start()
})
afterAll(() => scene[Symbol.asyncDispose]())

test('a lost message does not come back with another text, and that text is not sent in its place', async () => {
  const { alice, bob, owner } = scene
  const id = await owner.beginConversation('ecdh', alice, bob)
  await alice.commands.reconnect()
  await alice.device.conversation(id)
  const { id: message } = await alice.send(id, 'I owe you 1')
  const row = await forgeOwnEnvelope(scene, id, { message, text: 'I owe you 1000' })
  await whileAway(alice, async () => {
    await owner.empty(id)
    await owner.append(id, row)
    await owner.beginEra()
  })
  await eventually('the forged one', () => shownOn(alice.device, id).includes('I owe you 1000'))

  expect(shownOn(alice.device, id)).toContain('[not_written_here]')
  expect(shownOn(alice.device, id)).toContain('I owe you 1')
  // When sent again it is refused: the forged one has its id.
  await alice.device.message(id, ({ failure }) => failure === 'envelope_id_taken')

  let era = ''
  await whileAway(alice, async () => {
    await owner.empty(id)
    era = await owner.beginEra()
  })
  await eventually('her device to have compared', async () => {
    return (await storedValue(alice.device.storage, 'account', 'era')) === era
  })
  // The id is taken for good; the person may send the genuine message again.
  expect(await owner.log(id)).toEqual([])
  await alice.commands.retry(id, message)
  await eventually('it to be sent', async () => (await owner.log(id)).length === 1)
  // Nobody notifies him of an era that the owner started by hand.
  await bob.commands.reconnect()
  await expectShown(bob.device, id, ['I owe you 1'])
})

test('a discarded message does not reappear with another text', async () => {
  const { alice, bob, owner, network } = scene
  await using proxy = await TamperingProxy.start(network.origin)
  const id = await owner.beginConversation('ecdh', alice, bob)
  await scene.aliceWrites(id, ['one'])
  await alice.device.close()
  proxy.tampering = {
    fromClient(frame) {
      const { type } = JSON.parse(frame)
      return type === 'send' ? [] : [frame]
    },
  }
  await alice.device.open({ origin: proxy.origin })
  await alice.device.online()
  const message = await alice.commands.send(id, 'given up')
  await eventually('it to leave', () =>
    proxy.recorded.some(({ what }) => what === 'frame to the server: send'),
  )
  await alice.commands.discard(id, message)
  const row = await forgeOwnEnvelope(scene, id, { message, counter: 2 })
  await alice.device.close()
  await owner.append(id, row)
  await alice.device.open()
  await alice.device.online()

  await expectShown(alice.device, id, ['one', '[not_written_here]', 'never said'])
})

test('a forged message does not take the counter of one in flight', async () => {
  const { alice, bob, owner, network } = scene
  await using proxy = await TamperingProxy.start(network.origin)
  const id = await owner.beginConversation('ecdh', alice, bob)
  await scene.aliceWrites(id, ['one'])
  await alice.device.close()
  let isHeld = true
  proxy.tampering = {
    fromClient(frame) {
      const { type } = JSON.parse(frame)
      return type === 'send' && isHeld ? [] : [frame]
    },
  }
  await alice.device.open({ origin: proxy.origin })
  await alice.device.online()
  await alice.commands.send(id, 'two')
  await eventually('it to leave', () =>
    proxy.recorded.some(({ what }) => what === 'frame to the server: send'),
  )
  await owner.append(id, await forgeOwnEnvelope(scene, id, { counter: 2 }))
  await alice.commands.reconnect()
  await alice.device.message(id, ({ text }) => text === 'never said')
  isHeld = false
  proxy.cut()
  await eventually('it to arrive', async () => (await owner.log(id)).length === 3)
  await new Promise((done) => setTimeout(done, 500))

  await expectShown(alice.device, id, ['one', '[not_written_here]', 'never said', 'two'])
  await alice.device.close()
  await alice.device.open()
  await alice.device.online()
  await expectShown(alice.device, id, ['one', '[not_written_here]', 'never said', 'two'])
  expect(await alice.device.storage.range('outbox', { from: id, below: `${id}~` })).toEqual([])
})
