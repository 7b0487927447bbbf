import {
  type AccountKeys,
  type DeviceKeyPair,
  decodeBase64url,
  derivePairwiseKeys,
  encodeContent,
  encryptRsa,
  importRsaPublicKey,
  type OutgoingContent,
  recipientTag,
  sealMessageEcdh,
  sealMessageRsa,
  verifyRecord,
} from '@sotto/crypto'
import { type AccountId, type ConversationId, type DeviceId, EnvelopeId } from '@sotto/wire'
import { afterAll, beforeAll, test } from 'vitest'
import type { TestDevice } from '../../network/device.ts'
import type { Person } from '../../network/people.ts'
import { storedValue } from '../../network/stored-value.ts'
import type { EnvelopeRow } from '../bad-owner.ts'
import { forgeAccount } from '../forged-account.ts'
import { additionalDataOf } from '../readable-with.ts'
import { Scene } from '../scene.ts'
import { expectShown, whileAway } from '../shown.ts'

let scene: Scene
let aliceId: AccountId
let bobId: AccountId
let carolId: AccountId
/** Bob under the identity key that everyone has pinned. */
let toBob: string

beforeAll(async () => {
  scene = await Scene.start()
  aliceId = scene.alice.accountId
  bobId = scene.bob.accountId
  carolId = scene.carol.accountId
  const { identityKey } = await verifyRecord(await scene.owner.recordOf(bobId))
  toBob = await recipientTag(bobId, identityKey)
})
afterAll(() => scene[Symbol.asyncDispose]())

/** The sender that a message is forged as. */
interface Sender {
  readonly accountId: AccountId
  readonly deviceId: DeviceId
}

const nameOf = ({ device }: Person): Sender => device.me()

function contentOf(id: ConversationId, { accountId, deviceId }: Sender): OutgoingContent {
  return {
    type: 'text',
    conversation: id,
    message: EnvelopeId.parse(crypto.randomUUID()),
    account: accountId,
    device: deviceId,
    to: toBob,
    record: 1,
    manifest: 1,
    counter: 2,
    skipped: [],
    sentAt: 1,
    text: 'forged',
  }
}

function rowOf(content: OutgoingContent, ciphertext: string): EnvelopeRow {
  const { conversation, message, account, device } = content
  return {
    conversation_id: conversation,
    seq: 0,
    id: message,
    sender_account_id: account,
    sender_device_id: device,
    accepted_at: Date.now(),
    kind: 'message',
    ciphertext,
  }
}

/** The public keys of accounts, which anyone can get. */
async function rsaRecipients(...accounts: AccountId[]) {
  const records = accounts.map(async (accountId) => {
    const { rsaKey } = await verifyRecord(await scene.owner.recordOf(accountId))
    return importRsaPublicKey(decodeBase64url(rsaKey ?? ''))
  })
  return Promise.all(records)
}

/** The private key of a person's device, from its storage. */
async function deviceKeyOf({ storage }: TestDevice): Promise<DeviceKeyPair> {
  return (await storedValue(storage, 'keys', 'device')) as DeviceKeyPair
}

/** A message to Bob in the name of `sender`, signed by `device`, in the log. */
async function forge(id: ConversationId, sender: Sender, device: DeviceKeyPair): Promise<void> {
  const content = contentOf(id, sender)
  const recipients = await rsaRecipients(bobId, aliceId)
  await scene.owner.append(id, rowOf(content, await sealMessageRsa(device, content, recipients)))
}

test('a message made with public keys alone is refused', async () => {
  const { alice, owner } = scene
  const sender = nameOf(alice)
  const id = await scene.readOn('rsa', ['one'], async (log) => {
    const content = contentOf(log, sender)
    const recipients = await rsaRecipients(bobId, aliceId)
    const encoded = encodeContent({ ...content, recipients: recipients.map(({ kid }) => kid) })
    const noSignature = new Uint8Array(64)
    const ciphertext = await encryptRsa(
      new Uint8Array([...noSignature, ...encoded]),
      recipients,
      additionalDataOf(log),
    )
    await owner.append(log, rowOf(content, ciphertext))
  })

  await scene.expectToGoOn(id, ['one', '[cannot_decrypt]'])
})

test('a message that a device of another account signed is refused', async () => {
  const { alice, carol } = scene
  const [hers, forger] = [nameOf(alice), nameOf(carol)]
  const key = await deviceKeyOf(carol.device)
  const id = await scene.readOn('rsa', ['one'], async (log) => {
    await forge(log, hers, key)
    await forge(log, { ...hers, deviceId: forger.deviceId }, key)
    await forge(log, forger, key)
  })

  const notices = ['[cannot_decrypt]', '[unknown_device]', '[misplaced]']
  await scene.expectToGoOn(id, ['one', ...notices])
})

test('a device that the server adds to an account remains unknown', async () => {
  const { alice, owner } = scene
  const { accountId } = alice
  const forged = await forgeAccount(await owner.recordOf(accountId))
  await owner.addDevice(accountId, forged.deviceId, forged.credential)
  const id = await scene.readOn('rsa', ['one'], (log) =>
    forge(log, { accountId, deviceId: forged.deviceId }, forged.device),
  )

  await scene.expectToGoOn(id, ['one', '[unknown_device]'])
})

test('a device of another account remains unknown, whoever the server says owns it', async () => {
  const { alice, carol, owner } = scene
  const { accountId } = alice
  const { deviceId } = nameOf(carol)
  const credential = await owner.credentialOf(carol.accountId, deviceId)
  await owner.addDevice(accountId, deviceId, credential)
  const key = await deviceKeyOf(carol.device)
  const id = await scene.readOn('rsa', ['one'], (log) => forge(log, { accountId, deviceId }, key))

  await scene.expectToGoOn(id, ['one', '[unknown_device]'])
})

test('an ecdh message that was encrypted with other keys is refused', async () => {
  const { alice, owner } = scene
  const sender = nameOf(alice)
  const { ecdhKey } = await verifyRecord(await owner.recordOf(bobId))
  const { keys } = await forgeAccount(await owner.recordOf(alice.accountId))
  const id = await scene.readOn('ecdh', ['one'], async (log) => {
    const content = contentOf(log, sender)
    const pairwise = await derivePairwiseKeys(keys.ecdh[0], decodeBase64url(ecdhKey), log)
    await owner.append(log, rowOf(content, await sealMessageEcdh(pairwise, content)))
  })

  await scene.expectToGoOn(id, ['one', '[cannot_decrypt]'])
})

test('an rsa message whose list of recipients was changed is refused', async () => {
  const { alice, owner } = scene
  const sender = nameOf(alice)
  const key = await deviceKeyOf(alice.device)
  const [forCarol, forBob] = [
    await rsaRecipients(carolId, aliceId),
    await rsaRecipients(bobId, aliceId),
  ]
  const id = await scene.readOn('rsa', ['one'], async (log) => {
    // Carol, the recipient, passes it on to Bob with what Alice signed for her.
    const content = contentOf(log, sender)
    const privateKey = key.privateKey as CryptoKey
    const encoded = encodeContent({ ...content, recipients: forCarol.map(({ kid }) => kid) })
    const context = new TextEncoder().encode('sotto/1 rsa content\0')
    const signed = new Uint8Array([...context, ...encoded])
    const signature = new Uint8Array(await crypto.subtle.sign('Ed25519', privateKey, signed))
    const ciphertext = await encryptRsa(
      new Uint8Array([...signature, ...encoded]),
      forBob,
      additionalDataOf(log),
    )
    await owner.append(log, rowOf(content, ciphertext))
  })

  await scene.expectToGoOn(id, ['one', '[cannot_decrypt]'])
})

test.each(['ecdh', 'rsa'] as const)(
  'former keys cannot be used to write anything new (%s)',
  async (protocol) => {
    const { bob, owner, network } = scene
    const dave = await network.person('dave', { withRsa: true })
    const id = await dave.startConversation(bob, protocol)
    await dave.send(id, 'one')
    await expectShown(bob.device, id, ['one'])
    const stolen = await stealFrom(dave)
    await dave.loseDevices()
    await dave.startOver()
    await bob.device.conversation(id, ({ participants: [other] }) => other?.trust === 'key_changed')
    await bob.device.acceptKey(stolen.accountId)

    await whileAway(bob, async () => {
      const content = contentOf(id, stolen)
      const ciphertext = await stolen.seal(content)
      await owner.append(id, rowOf(content, ciphertext[protocol]))
    })

    await expectShown(bob.device, id, ['one', '[key_changed]', '[unknown_device]'])
  },
)

/** All keys of a device, and what can be written to Bob with them. */
async function stealFrom(person: Person) {
  const key = await deviceKeyOf(person.device)
  const keys = (await storedValue(person.device.storage, 'keys', 'account')) as AccountKeys
  const sender = nameOf(person)
  const recipients = await rsaRecipients(bobId, person.accountId)
  const { ecdhKey } = await verifyRecord(await scene.owner.recordOf(bobId))
  const seal = async (content: OutgoingContent) => {
    const peer = decodeBase64url(ecdhKey)
    const pairwise = await derivePairwiseKeys(keys.ecdh[0], peer, content.conversation)
    return {
      ecdh: await sealMessageEcdh(pairwise, content),
      rsa: await sealMessageRsa(key, content, recipients),
    }
  }
  return { accountId: sender.accountId, deviceId: sender.deviceId, seal }
}
