import { encodeContent, type OutgoingContent, recipientTag } from '@sotto/crypto'
import { chatRequests, EnvelopeId } from '@sotto/wire'
import { expect } from 'vitest'
import type { Subject } from '../../conformance-case.ts'
import { RawDevice } from '../../raw/raw-device.ts'
import type { ClientStage } from '../client-stage.ts'
import { aadOf, RawPeer } from '../raw-peer.ts'

/** Messages from a contact whose client doesn't follow the rules. */
export const craftedMessages: Subject<ClientStage> = {
  title: 'Crafted messages',
  cases: [
    {
      name: 'content in any encoding other than the valid one does not open',
      section: '§1, §6',
      async run(stage) {
        const { device } = stage.client
        const peer = await RawPeer.talkTo(stage, 'ecdh')
        await peer.sendRight('ecdh', 'right')
        const bad = badContents(await peer.content('wrong'))
        for (const bytes of bad) await peer.send(await peer.sealEcdh(bytes))
        await peer.sendRight('ecdh', 'right again')
        const refused = bad.map(() => '[cannot_decrypt]')
        await device.expectShown(peer.id, ['right', ...refused, 'right again'])
      },
    },
    {
      name: 'content of an unknown type is shown as needing a newer version, and counts like any other',
      section: '§6, §9.3',
      async run(stage) {
        const peer = await RawPeer.talkTo(stage, 'ecdh')
        await peer.sendRight('ecdh', 'before')
        const content = await peer.content('{"question":"When?"}', { type: 'poll' })
        await peer.send(await peer.ecdh(content), content.message)
        await peer.sendRight('ecdh', 'after')
        const shown = ['before', '[unsupported poll]', 'after']
        await stage.client.device.expectShown(peer.id, shown)
      },
    },
    {
      name: 'a message whose inner ids differ from those of the envelope is misplaced',
      section: '§9.2',
      async run(stage) {
        const { client } = stage
        const peer = await RawPeer.talkTo(stage, 'ecdh')
        const wrong: Partial<OutgoingContent>[] = [
          { message: EnvelopeId.parse(crypto.randomUUID()) },
          { account: client.accountId },
          { device: crypto.randomUUID() as OutgoingContent['device'] },
          { conversation: crypto.randomUUID() as OutgoingContent['conversation'] },
        ]
        for (const changes of wrong) {
          const content = await peer.content('wrong')
          await peer.send(await peer.ecdh({ ...content, ...changes }), content.message)
        }
        await client.device.expectShown(
          peer.id,
          wrong.map(() => '[misplaced]'),
        )
      },
    },
    {
      name: 'a message that was written to someone else is misplaced',
      section: '§6.2, §9.2',
      async run(stage) {
        const { client } = stage
        const peer = await RawPeer.talkTo(stage, 'ecdh')
        const { accountId, identityKey } = peer.device.account
        for (const to of [
          await recipientTag(accountId, identityKey),
          await recipientTag(client.accountId, identityKey),
        ]) {
          const content = await peer.content('wrong', { to })
          await peer.send(await peer.ecdh(content), content.message)
        }
        await client.device.expectShown(peer.id, ['[misplaced]', '[misplaced]'])
      },
    },
    {
      name: 'a counter that was used before is a replay',
      section: '§9.2',
      async run(stage) {
        const peer = await RawPeer.talkTo(stage, 'ecdh')
        await peer.sendRight('ecdh', 'one')
        const content = await peer.content('one again', { counter: 1 })
        await peer.send(await peer.ecdh(content), content.message)
        await stage.client.device.expectShown(peer.id, ['one', '[replayed]'])
      },
    },
    {
      name: 'skipped counters are not a gap, others are',
      section: '§6.3, §9.3',
      async run(stage) {
        const peer = await RawPeer.talkTo(stage, 'ecdh')
        await peer.sendRight('ecdh', 'one')
        const skipping = await peer.content('four', { counter: 4, skipped: [2, 3] })
        await peer.send(await peer.ecdh(skipping), skipping.message)
        const missing = await peer.content('nine', { counter: 9, skipped: [5, 6] })
        await peer.send(await peer.ecdh(missing), missing.message)
        await stage.client.device.expectShown(peer.id, ['one', 'four', '[gap of 2]', 'nine'])
      },
    },
    {
      name: 'a message that names a newer record than the server shows is reported, and shown',
      section: '§9.2',
      async run(stage) {
        const { device } = stage.client
        const peer = await RawPeer.talkTo(stage, 'ecdh')
        await device.whileAway(async () => {})
        const content = await peer.content('from the future', { record: 9 })
        await peer.send(await peer.ecdh(content), content.message)
        await device.expectShown(peer.id, ['from the future'])
        await device.state(({ untrusted }) => untrusted, 'noticing the record')
      },
    },
    {
      name: 'an `rsa` message must name exactly the two people in the conversation, in order',
      section: '§8.3',
      needs: ['rsa'],
      async run(stage) {
        const peer = await RawPeer.talkTo(stage, 'rsa')
        const third = await RawPeer.talkTo(stage, 'rsa')
        const [hers, his] = await peer.recipients()
        const [, another] = await third.recipients()
        if (!hers || !his || !another) throw new Error('a key is missing')
        await peer.sendRight('rsa', 'right')
        const wrong = [
          { recipients: [hers] },
          { recipients: [his, hers] },
          { recipients: [hers, another] },
          { recipients: [hers, his, another] },
          { named: [his.kid, hers.kid] },
          { named: [hers.kid] },
        ]
        for (const how of wrong) {
          const content = await peer.content('wrong')
          await peer.send(await peer.rsa(content, how), content.message)
        }
        await peer.sendRight('rsa', 'right again')
        const refused = wrong.map(() => '[cannot_decrypt]')
        await stage.client.device.expectShown(peer.id, ['right', ...refused, 'right again'])
      },
    },
    {
      name: 'an `rsa` message belongs to one conversation and one device',
      section: '§8.2, §8.3',
      needs: ['rsa'],
      async run(stage) {
        const peer = await RawPeer.talkTo(stage, 'rsa')
        const stranger = await RawDevice.create(stage.network)
        const wrong = [
          { aad: undefined },
          { aad: aadOf(crypto.randomUUID()) },
          { signedBy: stranger },
        ]
        for (const how of wrong) {
          const content = await peer.content('wrong')
          await peer.send(await peer.rsa(content, how), content.message)
        }
        await stage.client.device.expectShown(
          peer.id,
          wrong.map(() => '[cannot_decrypt]'),
        )
      },
    },
    {
      name: 'messages from a revoked device count up to the revocation, and not after it',
      section: '§9.2, §10.9',
      async run(stage) {
        const { device } = stage.client
        const peer = await RawPeer.talkTo(stage, 'ecdh')
        const second = await peer.onAnotherDevice()
        await second.sendRight('ecdh', 'in time')
        await device.expectShown(peer.id, ['in time'])
        await second.sendRight('ecdh', 'too late')
        await device.expectShown(peer.id, ['in time', 'too late'])
        const late = await stage.owner.row(peer.id, 2)
        const { deviceId } = second.device
        peer.device.account.revoked.push({ device: deviceId, at: late.accepted_at - 1 })
        await peer.device.publishNext()
        const reader = await stage.addDevice(stage.client)
        await reader.expectShown(peer.id, ['in time', '[unknown_device]'])
        await reader.end()
      },
    },
    {
      name: 'a device id keeps the key that was first verified',
      section: '§3.2, §5.1',
      needs: ['rsa'],
      async run(stage) {
        const { device } = stage.client
        const peer = await RawPeer.talkTo(stage, 'rsa')
        await peer.sendRight('rsa', 'one')
        await device.expectShown(peer.id, ['one'])
        const other = await RawDevice.create(stage.network)
        const { accountId, deviceId, account } = peer.device
        const credential = await account.credential({ deviceId, publicKey: other.key.publicKey })
        await device.whileAway(
          () => stage.network.database.sql`
          update chat.devices set credential = ${credential}
          where account_id = ${accountId} and device_id = ${deviceId}`,
        )
        const content = await peer.content('by another key')
        await peer.send(await peer.rsa(content, { signedBy: other }), content.message)
        await peer.sendRight('rsa', 'two')
        await device.expectShown(peer.id, ['one', '[cannot_decrypt]', 'two'])
        expect(await peer.device.call(chatRequests.ownUser, {})).toBeDefined()
      },
    },
  ],
}

/** The same content, in encodings that a reader must refuse. */
function badContents(content: OutgoingContent): Uint8Array<ArrayBuffer>[] {
  const right = encodeContent({ ...content, recipients: [] })
  const larger = new Uint8Array(1024)
  larger.set(right)
  const padded = right.slice()
  padded[padded.length - 1] = 1
  const version = right.slice()
  version[0] = 2
  const { text, ...header } = content
  const json = JSON.stringify({ ...header, recipients: [] })
  return [
    larger,
    padded,
    version,
    ...[
      json.replace('"counter":', '"surprise":1,"counter":'),
      json.replace('"counter":', '"counter":1,"counter":'),
      json.replace(/"counter":\d+/, '"counter":2.0'),
      json.replace(/"counter":\d+/, '"counter":0'),
      json.replace('"type":"text"', '"type":"Picture"'),
      json.replace('"recipients":[]', `"recipients":["${'A'.repeat(43)}"]`),
      json.replace(/,"sentAt":\d+/, ''),
    ].map((bad) => contentBytes(bad, text)),
  ]
}

/** Content with any header, in the smallest size that fits. */
function contentBytes(header: string, body: string): Uint8Array<ArrayBuffer> {
  const parts = [header, body].map((part) => {
    const bytes = new TextEncoder().encode(part)
    const length = new Uint8Array(4)
    new DataView(length.buffer).setUint32(0, bytes.length)
    return [...length, ...bytes]
  })
  const unpadded = [1, ...parts.flat()]
  const padded = new Uint8Array(unpadded.length <= 512 ? 512 : 1024)
  padded.set(unpadded)
  return padded
}
