import { publicKeysOf, signSuccession, verifyRecord } from '@sotto/crypto'
import type { ConversationId } from '@sotto/wire'
import { expect } from 'vitest'
import { forgeAccount } from '../../../evil-server/forged-account.ts'
import type { Person } from '../../../network/people.ts'
import type { Subject } from '../../conformance-case.ts'
import type { ClientStage } from '../client-stage.ts'
import type { DeviceUnderTest } from '../device-under-test.ts'

/** Identity keys that change, honestly or not. */
export const changedKeys: Subject<ClientStage> = {
  title: 'Changed keys',
  cases: [
    {
      name: 'both sides compute the same safety number',
      section: '§5.2',
      async run(stage) {
        const { peer, device } = await stage.talk()
        const { digits } = await device.ask('safetyNumber', { accountId: peer.accountId })
        const theirs = await peer.commands.safetyNumber(stage.client.accountId)
        expect(digits).toBe(theirs.digits)
      },
    },
    {
      name: 'a changed key stops sending until it is accepted, and removes the verified mark',
      section: '§5.3',
      async run(stage) {
        const { peer, id, device } = await stage.talk()
        const { accountId } = peer
        await device.send(id, 'before')
        await peer.nextMessage()
        const { digits } = await verify(device, peer)
        await peer.loseDevices()
        const newDevice = await peer.startOver()
        await device.contact(accountId, ({ trust }) => trust === 'key_changed')
        const early = await device.refusal('send', { conversation: id, text: 'who are you?' })
        expect(early).toBe('key_changed')
        await newDevice.conversation(id)
        await newDevice.send(id, 'it is me')
        await device.expectShown(id, ['before', '[key_changed]', '[unreadable]'])

        const changed = await device.ask('safetyNumber', { accountId })
        const theirs = await newDevice.commands.safetyNumber(stage.client.accountId)
        expect(changed).toEqual({ digits, changedDigits: theirs.digits })
        const stale = await device.refusal('acceptChangedKey', { accountId, seenDigits: digits })
        expect(stale).toBe('key_changed')
        await device.ask('acceptChangedKey', { accountId, seenDigits: theirs.digits })

        await device.contact(accountId, ({ trust }) => trust === 'unverified')
        await device.expectShown(id, ['before', '[key_changed]', 'it is me'])
        await device.send(id, 'good')
        await newDevice.message(id, ({ text }) => text === 'good')
      },
    },
    {
      name: 'a contact who renews their keys is followed without asking, and stays verified',
      section: '§5.4',
      async run(stage) {
        const { peer, id, device } = await stage.talk()
        const { accountId } = peer
        await peer.send(id, 'before')
        await device.expectShown(id, ['before'])
        await verify(device, peer)
        await device.close()
        await peer.send(id, 'still under the former keys')
        await renewKeys(peer)
        await peer.send(id, 'under the new keys')
        await device.open()
        await device.online()
        await device.message(id, ({ text }) => text === 'under the new keys')
        await device.contact(accountId, ({ trust }) => trust === 'verified')
        await device.expectShown(id, [
          'before',
          'still under the former keys',
          'under the new keys',
          '[keys_renewed]',
        ])
        await device.send(id, 'good')
        await peer.device.message(id, ({ text }) => text === 'good')
      },
    },
    {
      name: 'a succession that the pinned key did not sign is a changed key',
      section: '§5.4',
      async run(stage) {
        const { peer, id, device } = await stage.talk()
        const { accountId } = peer
        await verify(device, peer)
        const forged = await forgeAccount(await stage.owner.recordOf(accountId))
        const formerKey = publicKeysOf(forged.keys).identityKey
        const identityKey = publicKeysOf((await forgeAccount(forged.record)).keys).identityKey
        const succession = await signSuccession(forged.keys.identity, {
          account: accountId,
          formerKey,
          identityKey,
          device: forged.deviceId,
          issuedAt: 1,
        })
        await device.whileAway(async () => {
          await stage.owner.publish(accountId, { record: forged.record })
          await stage.owner.setSuccessions(accountId, [succession])
        })
        await sendInVain(device, id)
        await device.contact(accountId, ({ trust }) => trust === 'key_changed')
      },
    },
    {
      name: 'a key that was given up does not count for later messages',
      section: '§5.3',
      async run(stage) {
        const { peer, id, device } = await stage.talk()
        const { accountId } = peer
        await peer.send(id, 'one')
        await device.expectShown(id, ['one'])
        await device.close()
        await peer.send(id, 'kept back')
        const kept = await stage.owner.row(id, 2)
        await stage.owner.drop(id, 2)
        await device.open()
        await device.online()
        await peer.loseDevices()
        await peer.startOver()
        await device.contact(accountId, ({ trust }) => trust === 'key_changed')
        const { changedDigits } = await device.ask('safetyNumber', { accountId })
        await device.ask('acceptChangedKey', { accountId, seenDigits: changedDigits ?? '' })
        await device.whileAway(() => stage.owner.append(id, kept))
        await device.expectShown(id, ['one', '[key_changed]', '[unreadable]'])
      },
    },
    {
      name: 'a key swapped before the first contact shows in the safety numbers',
      section: '§5.2',
      async run(stage) {
        const { accountId, device } = stage.client
        const peer = await stage.peer()
        const record = await stage.owner.recordOf(peer.accountId)
        await swapKey(stage, peer)
        const request = { accountId: peer.accountId, protocol: 'ecdh' } as const
        await device.ask('startConversation', request)
        await stage.owner.publish(peer.accountId, { record })
        const { digits } = await device.ask('safetyNumber', { accountId: peer.accountId })
        expect(digits).not.toBe((await peer.commands.safetyNumber(accountId)).digits)
      },
    },
    {
      name: 'a key swapped after the first contact gets no message',
      section: '§5.3',
      async run(stage) {
        const { peer, id, device } = await stage.talk()
        await peer.send(id, 'hello')
        await device.expectShown(id, ['hello'])
        await verify(device, peer)
        await device.whileAway(() => swapKey(stage, peer))
        await sendInVain(device, id)
        await device.contact(peer.accountId, ({ trust }) => trust === 'key_changed')
        expect(await stage.owner.log(id)).toHaveLength(1)
      },
    },
    {
      name: 'an older record in an answer is refused, and the newer one stays in use',
      section: '§5.1',
      async run(stage) {
        const { peer, id, device } = await stage.talk()
        const older = await stage.owner.recordOf(peer.accountId)
        await rename(device, peer, 'Robin the Second')
        await device.whileAway(() => stage.owner.publish(peer.accountId, { record: older }))
        await device.send(id, 'still you?')
        expect((await peer.nextMessage()).text).toBe('still you?')
        await device.state(({ untrusted }) => untrusted, 'noticing the answer')
        await device.contact(peer.accountId, ({ name }) => name === 'Robin the Second')
      },
    },
    {
      name: 'an older record in a pushed frame is ignored and not reported as untrusted',
      section: '§5.1',
      needs: ['rsa'],
      async run(stage) {
        const { peer, device } = await stage.talk('rsa')
        const older = await stage.owner.recordOf(peer.accountId)
        await rename(device, peer, 'Robin the Second')
        const newer = await stage.owner.recordOf(peer.accountId)
        await device.whileAway(async () => {})
        let replaced = 0
        stage.proxy.tampering = {
          fromServer(frame) {
            if (!frame.includes('"conversation_created"')) return [frame]
            replaced += 1
            return [frame.replace(newer, older)]
          },
        }
        const id = await peer.commands.startConversation(stage.client.accountId, 'ecdh')
        await peer.send(id, 'in another way')
        await device.expectShown(id, ['in another way'])
        expect(replaced).toBe(1)
        await device.contact(peer.accountId, ({ name }) => name === 'Robin the Second')
        expect(await device.ask('state', {})).toMatchObject({ untrusted: false })
      },
    },
    {
      name: 'an answer about another account is refused',
      section: '§5.1',
      async run(stage) {
        const { accountId } = await stage.peer()
        const other = await stage.peer()
        stage.proxy.tampering = {
          response(exchange) {
            const isAsked = exchange.path === `/users/${accountId}`
            if (isAsked || exchange.path === '/conversations') {
              exchange.responseBody = exchange.responseBody.replaceAll(accountId, other.accountId)
            }
          },
        }
        const request = { accountId, protocol: 'ecdh' } as const
        const code = await stage.client.device.refusal('startConversation', request)
        expect(code).toBe('untrusted_answer')
      },
    },
    {
      name: "a foreign record for the client's own account is noticed",
      section: '§5.1',
      async run(stage) {
        const other = await stage.signUp('noticing')
        const record = await stage.owner.recordOf(other.accountId)
        const forged = await forgeAccount(record)
        await other.device.whileAway(() => {
          return stage.owner.publish(other.accountId, { record: forged.record })
        })
        await other.device.state(
          ({ untrusted, ownKeyReplaced }) => untrusted || ownKeyReplaced,
          'noticing the record',
        )
      },
    },
    {
      name: 'starting over with new keys: contacts see a change, and old messages stay unreadable',
      section: '§10.7',
      needs: ['new_keys'],
      async run(stage) {
        const account = await stage.signUp('forgetful')
        const { peer, id } = await stage.talk('ecdh', account)
        await peer.send(id, 'for the old key')
        await account.device.expectShown(id, ['for the old key'])
        await account.device.close()
        const before = await verifyRecord(await stage.owner.recordOf(account.accountId))
        const device = await stage.newDevice('the new device')
        await stage.logIn(device, account.phone)
        await device.state(({ stage }) => stage === 'locked', 'being locked')
        await device.ask('startWithNewKeys', { name: 'forgetful' })
        await device.online()
        const after = await verifyRecord(await stage.owner.recordOf(account.accountId))
        expect(after.version).toBeGreaterThan(before.version)
        expect(after.identityKey).not.toBe(before.identityKey)
        const isChanged = () => peer.device.contact(account.accountId)?.trust
        await expect.poll(isChanged).toBe('key_changed')
        await peer.device.acceptKey(account.accountId)
        await peer.send(id, 'for the new key')
        await device.expectShown(id, ['[key_lost]', 'for the new key'])
        await device.send(id, 'from the new key')
        await peer.device.message(id, ({ text }) => text === 'from the new key')
      },
    },
  ],
}

/** The person compares the safety numbers and finds them equal. */
async function verify(device: DeviceUnderTest, { accountId }: Person) {
  const { digits } = await device.ask('safetyNumber', { accountId })
  await device.ask('setVerified', { accountId, verified: true, seenDigits: digits })
  await device.contact(accountId, ({ trust }) => trust === 'verified')
  return { digits }
}

/** Writes a message that nobody may receive: the device notices the changed key immediately, or before it sends. */
async function sendInVain(device: DeviceUnderTest, id: ConversationId) {
  const sent = await device
    .ask('send', { conversation: id, text: 'for robin only' })
    .catch((error) => error.code)
  if (sent !== 'key_changed') {
    await device.message(id, ({ failure }) => failure === 'key_changed', 'the failure')
  }
}

/** A device of the peer was stolen, and another one renews the keys. */
async function renewKeys(peer: Person): Promise<void> {
  const stolen = await peer.addDevice()
  await peer.commands.deviceStolen(stolen.me().deviceId)
  peer.recoveryCode = await peer.device.confirmRecovery()
  await peer.device.online()
}

/** The server shows its own key for a person. */
async function swapKey({ owner }: ClientStage, { accountId }: Person): Promise<void> {
  const { record } = await forgeAccount(await owner.recordOf(accountId))
  await owner.publish(accountId, { record })
}

async function rename(device: DeviceUnderTest, peer: Person, name: string): Promise<void> {
  await peer.commands.updateProfile({ name, picture: null })
  await device.contact(peer.accountId, (contact) => contact.name === name)
}
