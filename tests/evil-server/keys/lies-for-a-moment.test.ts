import { type AccountKeys, signRecord, verifyRecord } from '@sotto/crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { TestDevice } from '../../network/device.ts'
import { storedValue } from '../../network/stored-value.ts'
import { TamperingProxy } from '../../network/tampering-proxy.ts'
import { forgeAccount } from '../forged-account.ts'
import { Scene } from '../scene.ts'
import { expectShown, whileAway } from '../shown.ts'

let scene: Scene

beforeAll(async () => {
  scene = await Scene.start()
})
afterAll(() => scene[Symbol.asyncDispose]())

test('a device whose keys were set aside for a moment continues under its own device key', async () => {
  const { alice, bob, owner, network } = scene
  await using proxy = await TamperingProxy.start(network.origin)
  const id = await owner.beginConversation('rsa', alice, bob)
  await alice.device.close()
  let hasRefused = false
  let hasLied = false
  proxy.tampering = {
    // Repeated until the device reviews its keys: a verdict is lost if its connection breaks.
    fromServer(frame) {
      const { type, verdicts } = JSON.parse(frame)
      if (type !== 'verdicts' || hasLied) return [frame]
      hasRefused = true
      const [{ id: message, conversationId }] = verdicts
      const refused = { fate: 'refused', code: 'device_not_enrolled' }
      return [JSON.stringify({ type, verdicts: [{ id: message, conversationId, ...refused }] })]
    },
    async response(exchange) {
      if (exchange.path !== '/users/me' || !hasRefused || hasLied) return
      hasLied = true
      const answer = JSON.parse(exchange.responseBody)
      const { record } = await forgeAccount(answer.account.record)
      answer.account.record = record
      exchange.responseBody = JSON.stringify(answer)
    },
  }
  await alice.device.open({ origin: proxy.origin })
  await alice.device.online()
  await alice.device.conversation(id)
  const before = (await storedValue(alice.device.storage, 'keys', 'device')) as {
    publicKey: Uint8Array
  }
  let wereAside = false
  alice.device.client.subscribe({ view: 'session' }, () => {
    wereAside ||= alice.device.session().stage !== 'ready'
  })
  await alice.commands.send(id, 'one')
  await alice.device.eventually('to set the keys aside', () => wereAside)
  await alice.device.stage('ready')
  await alice.device.online()

  const after = (await storedValue(alice.device.storage, 'keys', 'device')) as {
    publicKey: Uint8Array
  }
  expect(after?.publicKey).toEqual(before.publicKey)
  await alice.send(id, 'two')
  await expectShown(bob.device, id, ['one', 'two'])
  await whileAway(alice, async () => {})
})

test('a past record that the server made up does not get messages accepted on a new device', async () => {
  const { alice, bob, carol, owner, network } = scene
  const [bobId, carolId] = [bob.accountId, carol.accountId]
  const bobs = await verifyRecord(await owner.recordOf(bobId))
  const keys = (await storedValue(carol.device.storage, 'keys', 'account')) as AccountKeys
  const own = await verifyRecord(await owner.recordOf(carolId))
  const { ecdhKey, rsaKey } = bobs
  const version = own.version + 1
  const record = await signRecord(keys.identity, { ...own, version, ecdhKey, rsaKey })
  await owner.publish(carolId, { record })
  const ids = [
    await alice.startConversation(carol, 'ecdh'),
    await alice.startConversation(carol, 'rsa'),
  ]
  for (const id of ids) {
    await alice.send(id, 'between the two of us')
    await owner.change(id, 1, { accepted_at: bobs.issuedAt - 1 })
  }
  await using proxy = await TamperingProxy.start(network.origin)
  proxy.tampering = {
    async response(exchange) {
      if (exchange.path !== '/users/me') return
      const answer = JSON.parse(exchange.responseBody)
      const past = await forgeAccount(answer.account.record)
      answer.account.pastRecords = [past.record]
      exchange.responseBody = JSON.stringify(answer)
    },
  }
  const tablet = await TestDevice.open(network, 'a new device', { origin: proxy.origin })
  bob.devices.push(tablet)
  await whileAway(bob, async () => {
    for (const id of ids) {
      await owner.removeParticipant(id, carolId)
      await owner.addParticipant(id, bobId)
    }
  })
  await bob.enter(tablet)
  await tablet.stage('locked')
  await tablet.commands.unlockWithRecoveryCode(bob.recoveryCode)
  await tablet.online()
  for (const id of ids) {
    await tablet.conversation(id)
    await expectShown(tablet, id, ['[misplaced]'])
  }
})
