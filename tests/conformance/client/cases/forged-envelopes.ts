import { forBothProtocols, type Subject } from '../../conformance-case.ts'
import type { ClientStage } from '../client-stage.ts'

const THREE = ['one', 'two', 'three']

const rsaPaths = [
  ['protected'],
  ['iv'],
  ['ciphertext'],
  ['tag'],
  ['recipients', '0', 'encrypted_key'],
  ['recipients', '1', 'header', 'kid'],
]

/** `text` with its middle character replaced by another base64url character. */
function altered(text: string): string {
  const middle = Math.floor(text.length / 2)
  return text.slice(0, middle) + (text[middle] === 'A' ? 'B' : 'A') + text.slice(middle + 1)
}

/** Envelopes that the server has altered, moved or relabeled. */
export const forgedEnvelopes: Subject<ClientStage> = {
  title: 'Forged envelopes',
  cases: [
    {
      name: 'a character altered in any part of a compact JWE is noticed',
      section: '§7',
      async run(stage) {
        const { owner } = stage
        // The encrypted key, part 1, is empty.
        const parts = [0, 2, 3, 4]
        const texts = ['one', ...parts.map((part) => `altered in part ${part}`), 'last']
        const { id, device } = await stage.readAfter('ecdh', texts, async (log) => {
          for (const [n, part] of parts.entries()) {
            const jwe = (await owner.row(log, n + 2)).ciphertext.split('.')
            jwe[part] = altered(jwe[part] ?? '')
            await owner.change(log, n + 2, { ciphertext: jwe.join('.') })
          }
        })
        const notices = parts.map(() => '[cannot_decrypt]')
        await device.expectShown(id, ['one', ...notices, 'last'])
      },
    },
    {
      name: 'a character altered in any part of a JWE in JSON is noticed',
      section: '§8.3',
      needs: ['rsa'],
      async run(stage) {
        const { owner } = stage
        const texts = ['one', ...rsaPaths.map((path) => `altered in ${path}`), 'last']
        const { id, device } = await stage.readAfter('rsa', texts, async (log) => {
          for (const [n, path] of rsaPaths.entries()) {
            const jwe = JSON.parse((await owner.row(log, n + 2)).ciphertext)
            const holder = path.slice(0, -1).reduce((value, name) => value[name], jwe)
            const name = path.at(-1) ?? ''
            holder[name] = altered(holder[name])
            await owner.change(log, n + 2, { ciphertext: JSON.stringify(jwe) })
          }
        })
        const notices = rsaPaths.map(() => '[cannot_decrypt]')
        await device.expectShown(id, ['one', ...notices, 'last'])
      },
    },
    ...forBothProtocols<ClientStage>((protocol) => ({
      name: 'the ciphertext of another message is refused',
      section: '§9.2',
      async run(stage) {
        const { owner } = stage
        const { id, device } = await stage.readAfter(protocol, THREE, async (log) => {
          const { ciphertext } = await owner.row(log, 1)
          await owner.change(log, 2, { ciphertext })
        })
        await device.expectShown(id, ['one', '[misplaced]', 'three'])
      },
    })),
    ...forBothProtocols<ClientStage>((protocol) => ({
      name: 'an envelope under another id is refused',
      section: '§9.2',
      async run(stage) {
        const { id, device } = await stage.readAfter(protocol, THREE, (log) =>
          stage.owner.change(log, 2, { id: crypto.randomUUID() }),
        )
        await device.expectShown(id, ['one', '[misplaced]', 'three'])
      },
    })),
    ...forBothProtocols<ClientStage>((protocol) => ({
      name: 'an envelope that claims to be from the reader is refused',
      section: '§9.2',
      async run(stage) {
        const { accountId, device: reader } = stage.client
        const { deviceId } = await reader.ask('state', {})
        const { id, device } = await stage.readAfter(protocol, THREE, (log) =>
          stage.owner.change(log, 2, {
            sender_account_id: accountId,
            sender_device_id: deviceId ?? '',
          }),
        )
        await device.expectShown(id, ['one', '[cannot_decrypt]', '[gap of 1]', 'three'])
      },
    })),
    {
      name: 'an envelope from an unknown device is refused',
      section: '§9.2',
      async run(stage) {
        const { id, device } = await stage.readAfter('ecdh', THREE, (log) =>
          stage.owner.change(log, 2, { sender_device_id: crypto.randomUUID() }),
        )
        await device.expectShown(id, ['one', '[unknown_device]', '[gap of 1]', 'three'])
      },
    },
    ...forBothProtocols<ClientStage>((protocol) => ({
      name: 'an envelope attributed to another device of the sender is refused',
      section: '§9.2',
      async run(stage) {
        const { peer, id, device } = await stage.talk(protocol)
        const second = await peer.addDevice()
        await peer.send(id, 'one')
        await device.expectShown(id, ['one'])
        await device.whileAway(async () => {
          for (const text of ['two', 'three']) await peer.send(id, text)
          await stage.owner.change(id, 2, { sender_device_id: second.me().deviceId })
        })
        const notice = protocol === 'ecdh' ? '[misplaced]' : '[cannot_decrypt]'
        await device.expectShown(id, ['one', notice, '[gap of 1]', 'three'])
      },
    })),
    {
      name: 'an envelope from another conversation of the same two people is refused',
      section: '§7, §8.3',
      needs: ['rsa'],
      async run(stage) {
        const { owner } = stage
        const { peer, id, device } = await stage.talk('rsa')
        const other = await peer.commands.startConversation(stage.client.accountId, 'ecdh')
        await device.conversation(other, ({ state }) => state === 'open')
        await device.whileAway(async () => {
          await peer.send(id, 'in rsa')
          await peer.send(other, 'in ecdh')
          const [rsa, ecdh] = [await owner.row(id, 1), await owner.row(other, 1)]
          await owner.append(id, ecdh)
          await owner.append(other, rsa)
        })
        await device.expectShown(id, ['in rsa', '[cannot_decrypt]'])
        await device.expectShown(other, ['in ecdh', '[cannot_decrypt]'])
      },
    },
  ],
}
