import { expect } from 'vitest'
import { forBothProtocols, type Subject } from '../../conformance-case.ts'
import type { ClientStage } from '../client-stage.ts'

/** Several devices of one account. */
export const severalDevices: Subject<ClientStage> = {
  title: 'Several devices',
  cases: [
    ...forBothProtocols<ClientStage>((protocol) => ({
      name: 'a second device reads the whole history, from both sides',
      section: '§10.6',
      async run(stage) {
        const { peer, id, device } = await stage.talk(protocol)
        const texts: string[] = []
        for (const n of [1, 2, 3]) {
          await device.send(id, `casey ${n}`)
          await peer.send(id, `robin ${n}`)
          texts.push(`casey ${n}`, `robin ${n}`)
        }
        const second = await stage.addDevice(stage.client)
        await second.expectShown(id, texts)
        const items = await second.items(id)
        const isMine = items.map((item) => item.kind === 'message' && item.mine)
        expect(isMine).toEqual([true, false, true, false, true, false])
        await second.end()
      },
    })),
    ...forBothProtocols<ClientStage>((protocol) => ({
      name: 'messages from one device are shown on the other as its own',
      section: '§9.2',
      async run(stage) {
        const { peer, id, device } = await stage.talk(protocol)
        const second = await stage.addDevice(stage.client)
        await second.conversation(id)
        await device.send(id, 'from the first')
        await second.send(id, 'from the second')
        for (const one of [device, second]) {
          await one.expectShown(id, ['from the first', 'from the second'])
          await one.message(id, ({ text, mine }) => text === 'from the second' && mine)
        }
        expect(await peer.device.wholeHistory(id, 2)).toEqual(['from the first', 'from the second'])
        expect(peer.device.notices(id)).toEqual([])
        await second.end()
      },
    })),
    {
      name: 'a message read on one device is read on the other',
      section: '§13.2',
      async run(stage) {
        const { peer, id, device } = await stage.talk()
        const second = await stage.addDevice(stage.client)
        await peer.send(id, 'read me')
        await second.conversation(id, ({ unread }) => unread === 1)
        await device.conversation(id, ({ unread }) => unread === 1)
        await device.expectShown(id, ['read me'])
        await device.ask('markRead', { conversation: id })
        await second.conversation(id, ({ unread }) => unread === 0)
        await second.end()
      },
    },
    {
      name: 'a new device starts with the pins and verified marks of the first one',
      section: '§4.5',
      async run(stage) {
        const { peer, device } = await stage.talk()
        const { accountId } = peer
        const version = async () =>
          (await stage.owner.box(stage.client.accountId, 'contacts')).version
        const before = await version()
        const { digits } = await device.ask('safetyNumber', { accountId })
        await device.ask('setVerified', { accountId, verified: true, seenDigits: digits })
        await expect.poll(version).toBeGreaterThan(before)
        await device.whileAway(async () => {})
        const second = await stage.addDevice(stage.client)
        await second.contact(accountId, ({ trust }) => trust === 'verified')
        await second.end()
      },
    },
    {
      name: "the peer's second device is recognized by its credential",
      section: '§5.1',
      async run(stage) {
        const { peer, id, device } = await stage.talk()
        await peer.send(id, 'from the first')
        const second = await peer.addDevice()
        await second.conversation(id)
        await second.send(id, 'from the second')
        await device.expectShown(id, ['from the first', 'from the second'])
      },
    },
    {
      name: 'a revoked device is logged out',
      section: '§10.9',
      needs: ['revoke'],
      async run(stage) {
        const account = await stage.signUp('revoking')
        const second = await stage.addDevice(account)
        const { deviceId } = await second.ask('state', {})
        await account.device.ask('revoke', { deviceId: deviceId ?? '' })
        await second.state(({ stage }) => stage === 'signed_out', 'being signed out')
        await account.device.online()
      },
    },
  ],
}
