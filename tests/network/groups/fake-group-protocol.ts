import { decodeBase64url, encodeBase64url } from '@sotto/crypto'
import type {
  ConversationProtocol,
  Opened,
  Opening,
  ProtocolState,
  Sealing,
} from '@sotto/sdk/protocols'

/** A text that changes everyone's keys and is shown only to its author. */
export const NEW_KEYS = 'new keys'

interface State {
  /** Increases with every key change. Messages from other epochs stay unreadable. */
  readonly epoch: number
  /** How many of each device's messages were sealed or opened; each has its own key. */
  readonly steps: Readonly<Record<string, number>>
}

interface SealedParts {
  readonly epoch: number
  readonly step: number
  readonly body: string
}

/**
 * A stateful protocol for any number of people, for tests only: its keys derive from public values, so it protects
 * nothing. It opens each message exactly once, in order, and only with the state left by the previous one.
 */
export function createFakeGroupProtocol(): ConversationProtocol {
  return {
    name: 'ecdh',
    isStateful: true,
    prepare: () => 'nothing',
    seal: sealFake,
    open: openFake,
    recipients: async ({ isMine, others }) => (isMine ? identityKeysOf(others) : {}),
  }
}

async function sealFake({ conversation, others, content, me }: Sealing) {
  const state = readState(conversation.protocolState)
  const device = me.deviceId
  const step = state.steps[device] ?? 0
  const key = await keyOf([conversation.id, device, state.epoch, step])
  const plain = JSON.stringify({ ...content, to: '', recipients: [] })
  const parts: SealedParts = { epoch: state.epoch, step, body: await encrypt(key, plain) }
  return {
    ciphertext: JSON.stringify(parts),
    writtenTo: identityKeysOf(others),
    state: writeState(next(state, device, content.text)),
  }
}

async function openFake({ conversation, envelope }: Opening): Promise<Opened> {
  const state = readState(conversation.protocolState)
  const device = envelope.senderDeviceId
  const { epoch, step, body } = JSON.parse(envelope.ciphertext) as SealedParts
  if (epoch !== state.epoch || step !== (state.steps[device] ?? 0)) {
    return { kind: 'closed', reason: 'cannot_decrypt' }
  }
  const key = await keyOf([conversation.id, device, epoch, step])
  const content = JSON.parse(await decrypt(key, body))
  const after = writeState(next(state, device, content.text))
  if (content.text === NEW_KEYS) return { kind: 'advanced', state: after }
  return { kind: 'content', content, state: after }
}

function identityKeysOf(others: Sealing['others']): Record<string, string> {
  return Object.fromEntries(others.map(({ accountId, identityKey }) => [accountId, identityKey]))
}

function next({ epoch, steps }: State, device: string, text: string): State {
  if (text === NEW_KEYS) return { epoch: epoch + 1, steps: {} }
  return { epoch, steps: { ...steps, [device]: (steps[device] ?? 0) + 1 } }
}

function readState(stored: ProtocolState | null): State {
  return stored ? JSON.parse(new TextDecoder().decode(stored)) : { epoch: 0, steps: {} }
}

function writeState(state: State): ProtocolState {
  return new TextEncoder().encode(JSON.stringify(state))
}

async function keyOf(parts: readonly (string | number)[]): Promise<CryptoKey> {
  const bytes = new TextEncoder().encode(parts.join(' '))
  const digest = await crypto.subtle.digest('SHA-256', bytes)
  return crypto.subtle.importKey('raw', digest, 'AES-GCM', false, ['encrypt', 'decrypt'])
}

/** Each key encrypts only one message, so the nonce may be constant. */
const algorithm = { name: 'AES-GCM', iv: new Uint8Array(12) }

async function encrypt(key: CryptoKey, text: string): Promise<string> {
  const sealed = await crypto.subtle.encrypt(algorithm, key, new TextEncoder().encode(text))
  return encodeBase64url(new Uint8Array(sealed))
}

async function decrypt(key: CryptoKey, text: string): Promise<string> {
  const opened = await crypto.subtle.decrypt(algorithm, key, decodeBase64url(text))
  return new TextDecoder().decode(opened)
}
