import { createHash, randomBytes, randomUUID } from 'node:crypto'
import {
  type AccountId,
  type AccountRecord,
  Actor,
  type BoxName,
  ConversationId,
  type Credential,
  chatRequests,
  DeviceId,
  EnvelopeId,
  type Manifest,
  type NewEnvelope,
  type Protocol,
  type SealedBox,
  SessionId,
  type Succession,
  type Written,
  writtenBox,
} from '@sotto/wire'
import {
  type AccountKeys,
  createDeviceKey,
  createKeys,
  signCredential,
  signManifest,
  signRecord,
  signSuccession,
  signWrite,
} from '../../../tests/services/signed-statements.ts'
import type { TestChat } from './start-chat.ts'
import type { TokenIssuer } from './token-issuer.ts'

/** A person who has logged in on one device. */
export interface Person {
  readonly name: string
  readonly actor: Actor
  readonly accountId: AccountId
  readonly deviceId: DeviceId
  readonly token: string
  readonly keys: AccountKeys
  /** A signed account record; `changes` replaces members of its payload. */
  record(changes?: Partial<Record<keyof AccountRecord, unknown>>): string
  credential(changes?: Partial<Record<keyof Credential, unknown>>): string
  /** "My keys are those of `next` from now on", signed by this person's key. */
  succession(next: Person, changes?: Partial<Record<keyof Succession, unknown>>): string
  manifest(changes?: Partial<Record<keyof Manifest, unknown>>): string
  /** A signed write of a box. */
  box(
    name: BoxName,
    box: SealedBox,
  ): { params: { box: BoxName }; body: SealedBox & { write: string } }
  write(written: Written, version: number): string
  /** Publishes the first record and enrolls the device. */
  enter(chat: TestChat): Promise<void>
  /** The same account on another device. */
  onAnotherDevice(): Person
  /** The same device of the same account with another identity key. */
  withNewKeys(): Person
}

/** A person with new keys. Pass `keys`, `device` and `deviceKey` for an existing one. */
export function createPerson(
  name: string,
  issuer: TokenIssuer,
  keys: AccountKeys = createKeys(),
  device: Pick<Actor, 'deviceId' | 'sessionId'> = newDevice(),
  deviceKey = createDeviceKey(),
): Person {
  const actor = Actor.parse({ accountId: keys.id, ...device })
  const { accountId, deviceId } = actor

  const person: Person = {
    name,
    actor,
    accountId,
    deviceId,
    token: issuer.issue(actor),
    record: (changes) => signRecord(keys, name, changes),
    keys,
    succession: (next, changes) =>
      signSuccession(keys, next.keys, { device: deviceId, ...changes }),
    credential: (changes) => signCredential(keys, { deviceId, deviceKey }, changes),
    manifest: (changes) => signManifest(keys, changes),
    write: (written, version) => signWrite(keys, written, version),
    box: (name, box) => ({
      params: { box: name },
      body: { ...box, write: signWrite(keys, writtenBox(name, box), box.version) },
    }),
    async enter(chat) {
      await chat.call(person, chatRequests.putUser, {
        body: { record: person.record(), picture: null },
      })
      await chat.call(person, chatRequests.putDevice, {
        params: { deviceId },
        body: { credential: person.credential() },
      })
    },
    onAnotherDevice: () => createPerson(name, issuer, keys),
    withNewKeys: () => createPerson(name, issuer, createKeys(accountId), device, deviceKey),
  }
  return person
}

function newDevice() {
  return {
    deviceId: DeviceId.parse(randomUUID()),
    sessionId: SessionId.parse(randomUUID()),
  }
}

/** A picture as it is sent to the server, and its hash in a record. */
export function pictureOf(bytes: Uint8Array) {
  return {
    picture: Buffer.from(bytes).toString('base64url'),
    pictureSha256: createHash('sha256').update(bytes).digest('base64url'),
  }
}

export function envelopeIn(
  conversationId: string,
  changes: { id?: string; ciphertext?: string } = {},
): NewEnvelope {
  return {
    id: EnvelopeId.parse(changes.id ?? randomUUID()),
    conversationId: ConversationId.parse(conversationId),
    kind: 'message',
    ciphertext:
      changes.ciphertext ?? `eyJhbGciOiJkaXIifQ..${randomBytes(48).toString('base64url')}`,
  }
}

/** A conversation that `creator` has requested with `other`. */
export async function requestConversation(
  chat: TestChat,
  creator: Person,
  other: Person,
  protocol: Protocol = 'ecdh',
): Promise<ConversationId> {
  const id = ConversationId.parse(randomUUID())
  const { status } = await chat.call(creator, chatRequests.createConversation, {
    body: { id, protocol, participants: [other.accountId] },
  })
  if (status !== 200) throw new Error(`no conversation: ${status}`)
  return id
}

export async function answer(
  chat: TestChat,
  person: Person,
  conversationId: ConversationId,
  state: 'accepted' | 'declined' | 'blocked',
) {
  return chat.call(person, chatRequests.answerConversation, {
    params: { conversationId },
    body: { state },
  })
}

/** A conversation that both have accepted. */
export async function startConversation(
  chat: TestChat,
  creator: Person,
  other: Person,
  protocol: Protocol = 'ecdh',
): Promise<ConversationId> {
  const id = await requestConversation(chat, creator, other, protocol)
  await answer(chat, other, id, 'accepted')
  return id
}
