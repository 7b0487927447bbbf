import { afterAll, beforeAll, expect, test } from 'vitest'
import { Scene } from '../scene.ts'
import { expectShown } from '../shown.ts'

let scene: Scene

beforeAll(async () => {
  scene = await Scene.start()
})
afterAll(() => scene[Symbol.asyncDispose]())

const protocols = ['ecdh', 'rsa'] as const

test.each([
  ['ecdh', 'ecdh', '[cannot_decrypt]'],
  ['ecdh', 'rsa', '[cannot_decrypt]'],
  ['rsa', 'ecdh', '[cannot_decrypt]'],
  ['rsa', 'rsa', '[cannot_decrypt]'],
] as const)(
  'an envelope is not shown in another conversation of the same people (%s to %s)',
  async (from, to, notice) => {
    const { owner, alice, bob } = scene
    const other = await owner.beginConversation(from, alice, bob)
    await scene.aliceWrites(other, ['one', 'not for there'])

    const id = await scene.readOn(to, ['one', 'two'], async (log) =>
      owner.append(log, await owner.row(other, 2)),
    )

    await scene.expectToGoOn(id, ['one', 'two', notice])
    await scene.expectToGoOn(other, ['one', 'not for there'])
  },
)

test.each(protocols)(
  'an envelope is not shown in a conversation with someone else (%s)',
  async (protocol) => {
    const { owner, alice, bob, carol } = scene
    const other = await owner.beginConversation(protocol, alice, bob)
    await scene.aliceWrites(other, ['one', 'not for there'])
    const row = await owner.row(other, 2)

    const id = await owner.beginConversation(protocol, carol, bob)
    await owner.append(id, row)
    const { accountId, deviceId } = carol.device.me()
    await owner.append(id, { ...row, sender_account_id: accountId, sender_device_id: deviceId })
    await bob.commands.reconnect()

    await bob.device.conversation(id)
    await expectShown(bob.device, id, ['[misplaced]', '[cannot_decrypt]'])
    await scene.expectToGoOn(other, ['one', 'not for there'])
  },
)

test.each(protocols)('an envelope is not shown as from another account (%s)', async (protocol) => {
  const { owner, bob, carol } = scene
  const [his, hers] = [bob.device.me(), carol.device.me()]

  const id = await scene.readOn(protocol, ['one', 'two', 'three', 'four'], async (log) => {
    const asCarol = { sender_account_id: hers.accountId, sender_device_id: hers.deviceId }
    const asBob = { sender_account_id: his.accountId, sender_device_id: his.deviceId }
    await owner.change(log, 2, asCarol)
    await owner.change(log, 3, asBob)
  })

  const shown = ['one', '[misplaced]', '[cannot_decrypt]', '[gap of 2]', 'four']
  await scene.expectToGoOn(id, shown)
})

test.each(protocols)('an envelope is not shown as from another device (%s)', async (protocol) => {
  const { owner, alice } = scene
  const [, second = await alice.addDevice()] = alice.devices
  const { deviceId } = second.me()

  const id = await scene.readOn(protocol, ['one', 'two', 'three', 'four'], async (log) => {
    await owner.change(log, 2, { sender_device_id: deviceId })
    await owner.change(log, 3, { sender_device_id: crypto.randomUUID() })
  })

  const refused = protocol === 'ecdh' ? '[misplaced]' : '[cannot_decrypt]'
  await scene.expectToGoOn(id, ['one', refused, '[unknown_device]', '[gap of 2]', 'four'])
})

test.each(protocols)('an envelope under another id is not shown (%s)', async (protocol) => {
  const { owner } = scene
  const id = await scene.readOn(protocol, ['one', 'two', 'three'], (log) =>
    owner.change(log, 2, { id: crypto.randomUUID() }),
  )

  await scene.expectToGoOn(id, ['one', '[misplaced]', 'three'])
})

test.each(protocols)(
  'the ciphertext of another message is not shown in its place (%s)',
  async (protocol) => {
    const { owner } = scene
    const id = await scene.readOn(protocol, ['one', 'two', 'three'], async (log) => {
      const { ciphertext } = await owner.row(log, 1)
      await owner.change(log, 2, { ciphertext })
    })

    await scene.expectToGoOn(id, ['one', '[misplaced]', 'three'])
  },
)

test('a changed time of acceptance changes nothing but the time', async () => {
  const { owner, bob } = scene
  const id = await scene.readOn('ecdh', ['one', 'two', 'three'], (log) =>
    owner.change(log, 2, { accepted_at: 1 }),
  )

  await scene.expectToGoOn(id, ['one', 'two', 'three'])
  expect(bob.device.messages(id)[1]?.at).toBe(1)
})

test('a row that is not an envelope is never shown and does not affect other conversations', async () => {
  const { owner, alice, bob, carol } = scene
  const other = await carol.startConversation(bob)
  const id = await scene.readOn('ecdh', ['one', 'two', 'three'], async (log) => {
    await owner.change(log, 2, { kind: 'commit' })
    await carol.send(other, 'and Carol?')
  })

  await bob.device.message(other, ({ text }) => text === 'and Carol?')
  await expectShown(bob.device, id, ['one'])
  await owner.change(id, 2, { kind: 'message' })
  await bob.commands.reconnect()
  await alice.send(id, 'four')
  await expectShown(bob.device, id, ['one', 'two', 'three', 'four'])
})

/** `text` with the character at `place`, from 0 to 1, replaced by another one of base64url. */
function altered(text: string, place: number): string {
  const at = Math.floor(place * (text.length - 1))
  return text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)
}

const places = [0, 0.2, 0.5, 0.8, 1]

test('a character that is altered anywhere in an ecdh ciphertext is noticed', async () => {
  const { owner } = scene
  // Each part of the JWE except the encrypted key, which is empty.
  const parts = [0, 2, 3, 4].flatMap((part) => places.map((place) => ({ part, place })))
  const texts = parts.map((_, n) => `message ${n}`)

  const id = await scene.readOn('ecdh', ['one', ...texts], async (log) => {
    for (const [n, { part, place }] of parts.entries()) {
      const { ciphertext } = await owner.row(log, n + 2)
      const jwe = ciphertext.split('.')
      jwe[part] = altered(jwe[part] ?? '', place)
      await owner.change(log, n + 2, { ciphertext: jwe.join('.') })
    }
  })

  await scene.expectToGoOn(id, ['one', ...parts.map(() => '[cannot_decrypt]')])
})

test('a character that is altered anywhere in an rsa ciphertext is noticed', async () => {
  const { owner } = scene
  const paths = [
    ['protected'],
    ['iv'],
    ['ciphertext'],
    ['tag'],
    ['recipients', '0', 'encrypted_key'],
    ['recipients', '0', 'header', 'kid'],
    ['recipients', '1', 'header', 'kid'],
  ]
  const parts = paths.flatMap((path) => places.map((place) => ({ path, place })))
  const texts = parts.map((_, n) => `message ${n}`)

  const id = await scene.readOn('rsa', ['one', ...texts], async (log) => {
    for (const [n, { path, place }] of parts.entries()) {
      const jwe = JSON.parse((await owner.row(log, n + 2)).ciphertext)
      const holder = path.slice(0, -1).reduce((value, name) => value[name], jwe)
      const name = path.at(-1) ?? ''
      holder[name] = altered(holder[name], place)
      await owner.change(log, n + 2, { ciphertext: JSON.stringify(jwe) })
    }
  })

  const notices = parts.map(({ path }) => {
    // Without an entry for its own key, a device can't tell it from one for a key that it lost.
    return path.join() === 'recipients,0,header,kid' ? '[key_lost]' : '[cannot_decrypt]'
  })
  await scene.bob.device.wholeHistory(id, 1)
  await scene.expectToGoOn(id, ['one', ...notices])
})
