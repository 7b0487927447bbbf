import type { ConversationId } from '@sotto/wire'
import { expect } from 'vitest'
import { copyDatabase } from '../../../network/database-copies.ts'
import { forBothProtocols, type Subject } from '../../conformance-case.ts'
import type { ClientStage } from '../client-stage.ts'

/** A server whose database was restored from a backup: another era. Each case winds everything back. */
export const restoredServer: Subject<ClientStage> = {
  title: 'A restored server',
  cases: [
    ...forBothProtocols<ClientStage>((protocol) => ({
      name: 'lost messages are sent again, once and in order',
      section: '§14',
      async run(stage) {
        const { peer, id, device } = await stage.talk(protocol)
        await device.send(id, 'a1')
        await peer.send(id, 'b1')
        const copy = await copyDatabase(stage.network)
        for (const n of [2, 3, 4]) {
          await device.send(id, `a${n}`)
          await peer.send(id, `b${n}`)
        }
        await device.message(id, ({ text }) => text === 'b4')
        await device.close()
        await copy.restore()
        await device.open()
        await device.send(id, 'a5')
        await peer.send(id, 'b5')

        await peer.device.message(id, ({ text, seq }) => text === 'a5' && seq !== null)
        await expect.poll(async () => (await stage.owner.log(id)).length).toBe(10)
        const shown = await peer.device.wholeHistory(id, 10)
        await device.expectShown(id, shown)
        for (const who of ['a', 'b']) {
          const texts = shown.filter((text) => text.startsWith(who))
          expect(texts).toEqual([1, 2, 3, 4, 5].map((n) => `${who}${n}`))
        }
        expect(peer.device.notices(id)).toEqual([])
      },
    })),
    {
      name: 'a session whose tokens the server has lost continues, for the same device',
      section: '§10.11',
      async run(stage) {
        const { peer, id, device } = await stage.talk()
        await device.send(id, 'a1')
        await peer.device.message(id, ({ text }) => text === 'a1')
        const { deviceId } = await device.ask('state', {})
        const copy = await copyDatabase(stage.network)
        // The client renews its session each time it opens.
        for (let n = 0; n < 2; n++) {
          await device.close()
          await device.open()
          await device.online()
        }
        await device.close()
        await copy.restore()
        await device.open()
        await device.send(id, 'a2')
        await peer.device.message(id, ({ text }) => text === 'a2')
        expect((await device.ask('state', {})).deviceId).toBe(deviceId)
      },
    },
    {
      name: 'a conversation that the server has lost is created again under its id',
      section: '§14',
      async run(stage) {
        const { device } = stage.client
        const peer = await stage.peer()
        const copy = await copyDatabase(stage.network)
        const request = { accountId: peer.accountId, protocol: 'ecdh' } as const
        const { conversation } = await device.ask('startConversation', request)
        const id = conversation as ConversationId
        await device.send(id, 'a1')
        await peer.device.close()
        await device.close()
        await copy.restore()
        await device.open()
        await expect.poll(async () => (await stage.owner.log(id)).length).toBe(1)
        await device.expectShown(id, ['a1'])
      },
    },
    {
      name: 'lost messages are sent only to the key they were written to',
      section: '§5.3, §14',
      async run(stage) {
        const { peer, id, device } = await stage.talk()
        await device.send(id, 'a1')
        const copy = await copyDatabase(stage.network)
        await device.send(id, 'for the old key')
        await peer.device.message(id, ({ text }) => text === 'for the old key')
        await device.close()
        await copy.restore()
        await peer.loseDevices()
        const newDevice = await peer.startOver()
        await device.open()
        const { accountId } = peer
        await device.contact(accountId, ({ trust }) => trust === 'key_changed')
        const { changedDigits } = await device.ask('safetyNumber', { accountId })
        await device.ask('acceptChangedKey', { accountId, seenDigits: changedDigits ?? '' })
        await device.send(id, 'for the new key')
        await newDevice.message(id, ({ text }) => text === 'for the new key')
        const shown = newDevice.messages(id).map(({ text }) => text)
        expect(shown).toEqual(['for the new key'])
        expect(await stage.owner.log(id)).toHaveLength(2)
      },
    },
  ],
}
