import { verifyRecord, verifySuccession } from '@sotto/crypto'
import { expect } from 'vitest'
import type { Subject } from '../../conformance-case.ts'
import type { AccountUnderTest, ClientStage } from '../client-stage.ts'
import type { DeviceUnderTest } from '../device-under-test.ts'
import { RawPeer } from '../raw-peer.ts'

/** The client renews the keys of its account, because one of its devices was stolen. */
export const stolenDevice: Subject<ClientStage> = {
  title: 'A stolen device',
  cases: [
    {
      name: 'the former key signs for the next one, and the stolen device is locked out',
      section: '§3.8, §10.15',
      needs: ['device_stolen'],
      async run(stage) {
        const account = await stage.signUp('careful')
        const { accountId, device } = account
        const stolen = await stage.addDevice(account)
        const { deviceId } = await device.ask('state', {})
        const before = await verifyRecord(await stage.owner.recordOf(accountId))
        const stolenId = await declareStolen(account, stolen)
        await stolen.state((state) => state.stage === 'signed_out', 'being signed out')

        const after = await verifyRecord(await stage.owner.recordOf(accountId))
        expect(after.revoked.map(({ device }) => device)).toEqual([stolenId])
        expect(after.ecdhKey).not.toBe(before.ecdhKey)
        const successions = await stage.owner.successionsOf(accountId)
        expect(successions).toHaveLength(1)
        expect(await verifySuccession(successions[0] ?? '')).toMatchObject({
          account: accountId,
          formerKey: before.identityKey,
          identityKey: after.identityKey,
          device: deviceId,
        })
        expect(await device.ask('state', {})).toMatchObject({ deviceId })
      },
    },
    {
      name: 'a contact follows without asking, and earlier messages stay readable',
      section: '§5.4, §10.15',
      needs: ['device_stolen'],
      async run(stage) {
        const account = await stage.signUp('careful')
        const { accountId, device } = account
        const { peer, id } = await stage.talk('ecdh', account)
        const stolen = await stage.addDevice(account)
        await stolen.conversation(id)
        await peer.send(id, 'from robin')
        await device.expectShown(id, ['from robin'])
        await stolen.send(id, 'from the other device')
        const { digits } = await peer.commands.safetyNumber(accountId)
        await peer.commands.setVerified(accountId, true, digits)
        await device.expectShown(id, ['from robin', 'from the other device'])

        await declareStolen(account, stolen)
        await device.send(id, 'under the new keys')
        await peer.device.message(id, ({ text }) => text === 'under the new keys')
        expect(peer.device.contact(accountId)?.trust).toBe('verified')
        await peer.send(id, 'good')
        const texts = ['from robin', 'from the other device', 'under the new keys', 'good']
        await device.expectShown(id, texts)
      },
    },
    {
      name: 'a new device needs only the new recovery code to read earlier messages',
      section: '§4.2, §7, §10.6, §10.15',
      needs: ['device_stolen'],
      async run(stage) {
        const account = await stage.signUp('careful')
        const { peer, id } = await stage.talk('ecdh', account)
        const stolen = await stage.addDevice(account)
        await stolen.conversation(id)
        await peer.send(id, 'from robin')
        await stolen.send(id, 'from the other device')
        await account.device.send(id, 'from this one')
        await account.device.expectShown(id, [
          'from robin',
          'from the other device',
          'from this one',
        ])
        const former = account.recoveryCode
        await declareStolen(account, stolen)

        const fresh = await stage.newDevice('the new device')
        await stage.logIn(fresh, account.phone)
        await fresh.state((state) => state.stage === 'locked', 'being locked')
        expect(await fresh.refusal('unlock', { recoveryCode: former })).toBe('recovery_code_wrong')
        await fresh.ask('unlock', { recoveryCode: account.recoveryCode })
        await fresh.online()
        await fresh.expectShown(id, ['from robin', 'from the other device', 'from this one'])
        await fresh.send(id, 'from the new device')
        await peer.device.message(id, ({ text }) => text === 'from the new device')
      },
    },
    {
      name: 'messages made with the stolen keys afterwards do not count',
      section: '§7, §9.2, §10.15',
      needs: ['device_stolen'],
      async run(stage) {
        const account = await stage.signUp('careful')
        const stolen = await stage.addDevice(account)
        // It keeps sealing for the former keys, like an attacker who knows their private halves.
        const peer = await RawPeer.talkTo(stage, 'ecdh', account)
        await peer.sendRight('ecdh', 'before')
        await account.device.expectShown(peer.id, ['before'])
        await declareStolen(account, stolen)
        await peer.sendRight('ecdh', 'after')
        await account.device.expectShown(peer.id, ['before', '[key_lost]'])
      },
    },
  ],
}

/**
 * The person reports on their device that another one was stolen, and writes down the new code. Returns the device id.
 */
async function declareStolen(account: AccountUnderTest, stolen: DeviceUnderTest): Promise<string> {
  const { deviceId } = await stolen.ask('state', {})
  if (deviceId === null) throw new Error('The device is ready but has no id')
  const { recoveryCode } = await account.device.ask('deviceStolen', { deviceId })
  account.recoveryCode = recoveryCode
  await account.device.online()
  return deviceId
}
