import {
  type AccountKeys,
  createAccountKeys,
  derivePairwiseKeys,
  encodeBase64url,
  keysOf,
  publicKeysOf,
  recipientTag,
  sealMessageEcdh,
} from '@sotto/crypto'
import {
  AccountId,
  type Conversation,
  ConversationId,
  DeviceId,
  EnvelopeId,
  type StoredEnvelope,
} from '@sotto/wire'
import { beforeAll, expect, test } from 'vitest'
import type { Me } from '../../src/account/state/account-state.ts'
import { createUpdates } from '../../src/api/updates.ts'
import { openContacts } from '../../src/contacts/contacts.ts'
import { learned } from '../../src/contacts/pins/learn-account.ts'
import {
  acceptChangedKey,
  noteKeyChanges,
  safetyNumber,
  setVerified,
} from '../../src/contacts/safety.ts'
import { openConversations } from '../../src/conversations/conversations.ts'
import { createProtocols } from '../../src/protocols/protocols.ts'
import { openEnvelope } from '../../src/receiving/open-envelope.ts'
import { put } from '../../src/storage/record-kind.ts'
import { contactAt } from '../../src/storage/records/contacts.ts'
import type { VerifiedAccount } from '../../src/storage/verified-account.ts'
import { Questions } from '../../src/transport/questions.ts'
import { createMemoryStore } from '../storage/memory-store.ts'

const aliceId = AccountId.parse(crypto.randomUUID())
const bobId = AccountId.parse(crypto.randomUUID())
const bobsDevice = DeviceId.parse(crypto.randomUUID())

let me: Me
let [former, next, third]: AccountKeys[] = []

beforeAll(async () => {
  const made = [1, 2, 3, 4].map(async () => keysOf(await createAccountKeys({ withRsa: false })))
  const [own, ...bobs] = await Promise.all(made)
  ;[former, next, third] = bobs
  me = {
    accountId: aliceId,
    deviceId: DeviceId.parse(crypto.randomUUID()),
    keys: own,
    own: {
      record: own && { ...publicKeysOf(own), version: 1 },
      manifest: { version: 1 },
      keysSince: null,
    },
  } as Me
})

function published(keys: AccountKeys | undefined, version: number): VerifiedAccount {
  if (!keys) throw new Error('no keys')
  const fields = {
    account: bobId,
    version,
    name: 'bob',
    pictureSha256: null,
    issuedAt: 0,
    revoked: [],
  }
  const record = { ...fields, ...publicKeysOf(keys) }
  const { identityKey } = record
  const device = { deviceId: bobsDevice, deviceKey: identityKey, identityKey, revokedAt: null }
  // Not checked here: that happened when the account was verified.
  const statement = `e30.${encodeBase64url(new TextEncoder().encode(JSON.stringify(record)))}.AA`
  return { record, statement, picture: null, devices: [device], pastKeys: [] }
}

/** Alice, who knows Bob by his former key and has been shown the next one. */
async function meetChangedBob() {
  const storage = createMemoryStore()
  const bob = learned(learned(undefined, published(former, 1), 7), published(next, 2), 7)
  await storage.write([put(contactAt(bobId), bob)])
  const nothing = () => {}
  const questions = new Questions()
  const call = () => Promise.reject(new Error('no network'))
  const contacts = await openContacts({
    storage,
    call,
    questions,
    self: aliceId,
    now: Date.now,
    onChange: nothing,
    onKeyChange: nothing,
  })
  const conversations = await openConversations(storage, me, nothing)
  const updates = createUpdates()
  return { storage, call, contacts, conversations, questions, updates, now: Date.now, me: () => me }
}

function told(): Conversation {
  const marks = {
    role: 'member',
    state: 'accepted',
    deliveredSeq: 0,
    readSeq: 0,
    recordVersion: 1,
  } as const
  return {
    id: ConversationId.parse(crypto.randomUUID()),
    protocol: 'ecdh',
    createdBy: bobId,
    createdAt: 1,
    lastSeq: 0,
    participants: [aliceId, bobId].map((accountId) => ({ accountId, ...marks })),
    lastEnvelope: null,
    unread: 0,
  }
}

/** How Alice opens the first envelope of a conversation that was sealed with these keys of Bob. */
async function openedFirst(
  { contacts, conversations }: Awaited<ReturnType<typeof meetChangedBob>>,
  id: ConversationId,
  keys: AccountKeys | undefined,
) {
  const bob = contacts.get(bobId)
  if (!keys || !bob) throw new Error('Alice does not know Bob')
  const pairwise = await derivePairwiseKeys(keys.ecdh[0], me.keys.ecdh[0].publicKey, id)
  const message = EnvelopeId.parse(crypto.randomUUID())
  const to = await recipientTag(aliceId, me.own.record.identityKey)
  const names = { conversation: id, message, account: bobId, device: bobsDevice, to }
  const type = 'text' as const
  const versions = { record: 1, manifest: 1 }
  const content = { type, ...versions, counter: 1, skipped: [], sentAt: 1, text: 'it is me' }
  const envelope: StoredEnvelope = {
    id: message,
    conversationId: id,
    kind: 'message',
    seq: 1,
    senderAccountId: bobId,
    senderDeviceId: bobsDevice,
    acceptedAt: 1,
    ciphertext: await sealMessageEcdh(pairwise, { ...content, ...names }),
  }
  const people = { me, self: bob, others: [bob] }
  const opened = await openEnvelope(
    createProtocols(() => me),
    conversations.load(id),
    people,
    envelope,
  )
  return opened.entry
}

/** Alice accepts the key whose number was shown. */
async function accept(alice: Awaited<ReturnType<typeof meetChangedBob>>) {
  const { changedDigits } = await safetyNumber(alice, bobId)
  await acceptChangedKey(alice, bobId, changedDigits ?? '')
}

test('a conversation that starts after a key was abandoned accepts nothing from that key', async () => {
  const alice = await meetChangedBob()
  await accept(alice)
  const { id } = await alice.conversations.learn(told(), alice.questions.ask())
  expect(await openedFirst(alice, id, former)).toMatchObject({ kind: 'unreadable' })
  expect(await openedFirst(alice, id, next)).toMatchObject({ kind: 'message' })
})

test('nor does one that appeared while the change was pending', async () => {
  const alice = await meetChangedBob()
  await noteKeyChanges(alice, bobId)
  const { id } = await alice.conversations.learn(told(), alice.questions.ask())
  expect(await openedFirst(alice, id, former)).toMatchObject({ kind: 'message' })
  await accept(alice)
  expect(await openedFirst(alice, id, former)).toMatchObject({ kind: 'unreadable' })
})

test('only the key whose number was compared is accepted', async () => {
  const alice = await meetChangedBob()
  const { changedDigits } = await safetyNumber(alice, bobId)
  if (!changedDigits) throw new Error('nothing has changed')
  // The server shows yet another key between the comparison and the click.
  await alice.contacts.update(bobId, { changed: published(third, 3) })

  for (const unseen of ['', undefined as unknown as string]) {
    await expect(acceptChangedKey(alice, bobId, unseen)).rejects.toThrow('key_changed')
    await expect(setVerified(alice, bobId, unseen)).rejects.toThrow('key_changed')
  }
  await expect(acceptChangedKey(alice, bobId, changedDigits)).rejects.toThrow('key_changed')
  const identityKey = former && encodeBase64url(former.identity.publicKey)
  expect(alice.contacts.get(bobId)?.identityKey).toBe(identityKey)

  const again = await safetyNumber(alice, bobId)
  await acceptChangedKey(alice, bobId, again.changedDigits ?? '')
  const accepted = await safetyNumber(alice, bobId)
  expect(accepted.digits).toBe(again.changedDigits)
  await expect(setVerified(alice, bobId, changedDigits)).rejects.toThrow('key_changed')
  await setVerified(alice, bobId, accepted.digits)
  expect(alice.contacts.get(bobId)?.verified).toBe(true)
})

test('a key that arrives from another device during the comparison is not verified', async () => {
  const alice = await meetChangedBob()
  const { contacts } = alice
  await contacts.update(bobId, { changed: null, changedAt: null })
  const { digits } = await safetyNumber(alice, bobId)
  const identityKey = published(next, 2).record.identityKey
  const gone = { identityKey: published(former, 1).record.identityKey, replacedAt: 7, ends: [] }

  const verifying = setVerified(alice, bobId, digits).catch((error: unknown) => error)
  const more = { recordVersion: 2, verified: false, former: [gone] }
  await contacts.adoptPins([{ account: bobId, identityKey, ...more }])

  expect(await verifying).toMatchObject({ code: 'key_changed' })
  expect(contacts.get(bobId)).toMatchObject({ identityKey, verified: false })
})
