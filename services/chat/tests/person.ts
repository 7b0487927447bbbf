import {
  createHash,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  randomUUID,
  sign,
} from 'node:crypto'
import {
  type AccountId,
  type AccountRecord,
  Actor,
  ConversationId,
  type Credential,
  chatRequests,
  type DeviceId,
  EnvelopeId,
  type Manifest,
  type NewEnvelope,
  type Protocol,
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
  manifest(changes?: Partial<Record<keyof Manifest, unknown>>): string
  /** Publishes the first record and enrolls the device. */
  enter(chat: TestChat): Promise<void>
  /** The same account on another device. */
  onAnotherDevice(): Person
  /** The same device of the same account with another identity key. */
  withNewKeys(): Person
}

/** The long-lived parts of a person: account, identity key and encryption keys. */
interface PersonKeys {
  readonly id: string
  readonly identity: ReturnType<typeof createIdentity>
  readonly ecdhKey: string
}

/** Somebody with new keys; `keys` and `device` for one who exists already. */
export function createPerson(
  name: string,
  issuer: TokenIssuer,
  keys: PersonKeys = { id: randomUUID(), identity: createIdentity(), ecdhKey: createEcdhKey() },
  device = { deviceId: randomUUID(), sessionId: randomUUID(), deviceKey: createEd25519Key() },
): Person {
  const { deviceKey, ...ids } = device
  const actor = Actor.parse({ accountId: keys.id, ...ids })
  const { accountId, deviceId } = actor
  const { identity, ecdhKey } = keys

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
        ecdhKey,
        rsaKey: null,
        revoked: [],
        issuedAt: Date.now(),
        ...changes,
      }),
    credential: (changes) =>
      identity.sign('sotto-device+jws', {
        account: accountId,
        device: deviceId,
        deviceKey,
        name: 'a browser',
        issuedAt: Date.now(),
        ...changes,
      }),
    manifest: (changes) =>
      identity.sign('sotto-manifest+jws', {
        account: accountId,
        version: 1,
        record: 1,
        boxes: { keys: 1, contacts: 1 },
        wraps: { password: null, recovery_code: null },
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
    onAnotherDevice: () => createPerson(name, issuer, keys),
    withNewKeys: () =>
      createPerson(
        name,
        issuer,
        { id: accountId, identity: createIdentity(), ecdhKey: createEcdhKey() },
        device,
      ),
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

function createEd25519Key(): string {
  return generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x ?? ''
}

export function createEcdhKey(namedCurve = 'P-256'): string {
  return spkiOf(generateKeyPairSync('ec', { namedCurve }).publicKey)
}

export function spkiOf(key: KeyObject): string {
  return key.export({ format: 'der', type: 'spki' }).toString('base64url')
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
