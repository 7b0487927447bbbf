import { createHash, generateKeyPairSync, randomBytes, randomUUID, sign } from 'node:crypto'
import {
  type AccountId,
  type AccountRecord,
  Actor,
  ConversationId,
  type Credential,
  chatRequests,
  type DeviceId,
  EnvelopeId,
  type NewEnvelope,
} from '@sotto/wire'
import type { TestChat } from './start-chat.ts'
import type { TokenIssuer } from './token-issuer.ts'

/** Somebody who has logged in on one device. */
export interface Person {
  readonly name: string
  readonly actor: Actor
  readonly accountId: AccountId
  readonly deviceId: DeviceId
  readonly token: string
  /** A signed account record; `changes` replaces members of its payload. */
  record(changes?: Partial<Record<keyof AccountRecord, unknown>>): string
  credential(changes?: Partial<Record<keyof Credential, unknown>>): string
  /** Publishes the first record and enrols the device. */
  enter(chat: TestChat): Promise<void>
  /** The same account on another device. */
  onAnotherDevice(): Person
}

/** Somebody with an identity key of their own; `account` for one who exists already. */
export function createPerson(
  name: string,
  issuer: TokenIssuer,
  account: { id: string; identity: ReturnType<typeof createIdentity> } = {
    id: randomUUID(),
    identity: createIdentity(),
  },
): Person {
  const actor = Actor.parse({
    accountId: account.id,
    deviceId: randomUUID(),
    sessionId: randomUUID(),
  })
  const { accountId, deviceId } = actor
  const { identity } = account

  const person: Person = {
    name,
    actor,
    accountId,
    deviceId,
    token: issuer.issue(actor),
    record: (changes) =>
      identity.sign('sotto-account+jws', {
        account: accountId,
        version: 1,
        name,
        pictureSha256: null,
        identityKey: identity.publicKey,
        ecdhKey: randomBytes(91).toString('base64url'),
        rsaKey: null,
        issuedAt: Date.now(),
        ...changes,
      }),
    credential: (changes) =>
      identity.sign('sotto-device+jws', {
        account: accountId,
        device: deviceId,
        deviceKey: randomBytes(32).toString('base64url'),
        name: 'a browser',
        issuedAt: Date.now(),
        ...changes,
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
    onAnotherDevice: () => createPerson(name, issuer, account),
  }
  return person
}

function createIdentity() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return {
    publicKey: publicKey.export({ format: 'jwk' }).x,
    sign(typ: string, payload: unknown): string {
      const signed = [{ alg: 'EdDSA', typ }, payload]
        .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
        .join('.')
      const signature = sign(null, Buffer.from(signed), privateKey)
      return `${signed}.${signature.toString('base64url')}`
    },
  }
}

/** A picture by its first bytes, and the hash that a record has of it. */
export function pictureOf(magic: string, bytes = 64) {
  const picture = Buffer.concat([Buffer.from(magic, 'latin1'), randomBytes(bytes)])
  return {
    picture: picture.toString('base64url'),
    pictureSha256: createHash('sha256').update(picture).digest('base64url'),
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

/** A conversation that `creator` has asked `other` for. */
export async function requestConversation(
  chat: TestChat,
  creator: Person,
  other: Person,
): Promise<ConversationId> {
  const id = ConversationId.parse(randomUUID())
  await chat.call(creator, chatRequests.createConversation, {
    body: { id, protocol: 'ecdh', participants: [other.accountId] },
  })
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
): Promise<ConversationId> {
  const id = await requestConversation(chat, creator, other)
  await answer(chat, other, id, 'accepted')
  return id
}
