import {
  type AccountKeys,
  createAccountKeys,
  encodeBase64url,
  keysOf,
  publicKeysOf,
} from '@sotto/crypto'
import {
  AccountId,
  ConversationId,
  DeviceId,
  EnvelopeId,
  type Protocol,
  type StoredEnvelope,
} from '@sotto/wire'
import { beforeAll, expect, test } from 'vitest'
import type { Me } from '../../src/account/state/account-state.ts'
import { learned } from '../../src/contacts/pins/learn-account.ts'
import { createMessageKeys } from '../../src/protocols/message-keys.ts'
import { createProtocols } from '../../src/protocols/protocols.ts'
import { openEnvelope } from '../../src/receiving/open-envelope.ts'
import type { ContactRecord } from '../../src/storage/records/contacts.ts'
import type { VerifiedAccount } from '../../src/storage/verified-account.ts'
import { conversationOf } from '../storage/memory-store.ts'

/** Stored keys that are unusable. */

const aliceId = AccountId.parse(crypto.randomUUID())
const bobId = AccountId.parse(crypto.randomUUID())
const bobsDevice = DeviceId.parse(crypto.randomUUID())
const conversation = ConversationId.parse(crypto.randomUUID())
const noKey = encodeBase64url(new Uint8Array(91))

let me: Me
let bobs: AccountKeys
let bob: ContactRecord

beforeAll(async () => {
  const [own, keys] = await Promise.all(
    [true, true].map(async (withRsa) => keysOf(await createAccountKeys({ withRsa }))),
  )
  if (!own || !keys) throw new Error('no keys')
  bobs = keys
  me = {
    accountId: aliceId,
    deviceId: DeviceId.parse(crypto.randomUUID()),
    keys: own,
    own: {
      record: { ...publicKeysOf(own), version: 1 },
      manifest: { version: 1 },
      keysSince: null,
    },
  } as Me
  bob = learned(undefined, published(), 7)
})

function published(): VerifiedAccount {
  const { identityKey, ...publicKeys } = publicKeysOf(bobs)
  const record = {
    account: bobId,
    version: 1,
    name: 'bob',
    pictureSha256: null,
    issuedAt: 0,
    revoked: [],
    identityKey,
    ...publicKeys,
  }
  // 43 characters whose unused bits are set, which no encoder produces.
  const deviceKey = `${'A'.repeat(42)}B`
  const device = { deviceId: bobsDevice, deviceKey, identityKey, revokedAt: null }
  const past = { identityKey, ecdhKey: noKey, rsaKey: noKey }
  return { record, statement: '', picture: null, devices: [device], pastKeys: [past] }
}

const envelope = (ciphertext: string): StoredEnvelope => ({
  id: EnvelopeId.parse(crypto.randomUUID()),
  conversationId: conversation,
  kind: 'message',
  seq: 1,
  senderAccountId: bobId,
  senderDeviceId: bobsDevice,
  acceptedAt: 1,
  ciphertext,
})

test.each<Protocol>(['ecdh', 'rsa'])(
  'an %s envelope that no stored key opens is unreadable, and blocks nothing',
  async (protocol) => {
    const protocols = createProtocols(() => me)
    const people = { me, self: bob, others: [bob] }
    const others = { [bobId]: 'accepted' } as const
    const record = conversationOf({ id: conversation, self: aliceId, others, protocol })
    const { entry } = await openEnvelope(protocols, record, people, envelope('no JWE'))
    expect(entry).toMatchObject({ kind: 'unreadable' })
  },
)

test("a contact's other keys stay usable if one of them is invalid", async () => {
  const keys = createMessageKeys(() => me)
  const { identityKey, rsaKey } = publicKeysOf(bobs)
  const { kid } = await keys.rsa(rsaKey ?? '')
  expect([...(await keys.rsaKids(bob, [identityKey]))]).toEqual([kid])

  const usable = []
  for await (const pair of keys.all(conversation, bob, [identityKey])) usable.push(pair)
  expect(usable).toHaveLength(1)
})
