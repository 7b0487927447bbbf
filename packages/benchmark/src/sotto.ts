import {
  type AccountKeys,
  createAccountKeys,
  decodeBase64url,
  decryptEcdh,
  decryptRsa,
  derivePairwiseKeys,
  encryptEcdh,
  encryptRsa,
  generateDeviceKey,
  importRsaPublicKey,
  keysOf,
  type OutgoingContent,
  openMessageEcdh,
  openMessageRsa,
  type PairwiseKeys,
  publicKeysOf,
  type RsaKeyPair,
  type RsaPublicKey,
  type RsaReader,
  sealMessageEcdh,
  sealMessageRsa,
} from '@sotto/crypto'
import { AccountId, ConversationId, DeviceId, EnvelopeId } from '@sotto/wire'
import type { Contestant } from './contestant.ts'

/** Sotto's protocols, through the functions that the SDK calls for each message. */

const conversation = ConversationId.parse('c0000000-0000-4000-8000-000000000001')

/** The fields of a message besides its text. */
const content: Omit<OutgoingContent, 'text'> = {
  type: 'text',
  conversation,
  message: EnvelopeId.parse('e0000000-0000-4000-8000-000000000002'),
  account: AccountId.parse('a0000000-0000-4000-8000-000000000003'),
  device: DeviceId.parse('d0000000-0000-4000-8000-000000000004'),
  to: 'dGhlIHBlcnNvbiBpdCBpcyB3cml0dGVuIHRvLCBoYXM',
  record: 12,
  manifest: 34,
  counter: 1234,
  skipped: [],
  sentAt: 1_900_000_000_000,
}

/** The keys of a conversation between two accounts: one as sender, the other as receiver. */
async function createPairwiseKeys(): Promise<{ sender: PairwiseKeys; receiver: PairwiseKeys }> {
  const [alice, bob] = await Promise.all([createKeys(false), createKeys(false)])
  const [ofAlice, ofBob] = [alice.ecdh[0], bob.ecdh[0]]
  return {
    sender: await derivePairwiseKeys(ofAlice, ofBob.publicKey, conversation),
    receiver: await derivePairwiseKeys(ofBob, ofAlice.publicKey, conversation),
  }
}

const createKeys = async (withRsa: boolean): Promise<AccountKeys> =>
  keysOf(await createAccountKeys({ withRsa }))

/** A message as an envelope carries it: header, padding, encryption, JWE, and all checks. */
export async function createEcdhMessage(): Promise<Contestant<string>> {
  const { sender, receiver } = await createPairwiseKeys()
  return {
    encrypt: ({ text }) => sealMessageEcdh(sender, { ...content, text }),
    decrypt: async (jwe) => (await openMessageEcdh(receiver.receiving, jwe)).text,
  }
}

/** The encryption of `ecdh` alone: bytes → compact JWE. */
export async function createEcdhJwe(): Promise<Contestant<string>> {
  const { sender, receiver } = await createPairwiseKeys()
  return {
    encrypt: ({ bytes }) => encryptEcdh(sender, bytes),
    decrypt: (jwe) => decryptEcdh(receiver.receiving, jwe),
  }
}

/** 3072-bit keys of the recipient and of the sender, who can also read the message later. */
async function createRsaKeys(): Promise<{ own: readonly RsaKeyPair[]; both: RsaPublicKey[] }> {
  const [alice, bob] = await Promise.all([createKeys(true), createKeys(true)])
  const both = [bob, alice].map(async (keys) => {
    const { rsaKey } = publicKeysOf(keys)
    if (!rsaKey) throw new Error('The account has no RSA key')
    return importRsaPublicKey(decodeBase64url(rsaKey))
  })
  return { own: bob.rsa, both: await Promise.all(both) }
}

/** A message as an envelope carries it, signed by the device and encrypted to two recipients. */
export async function createRsaMessage(): Promise<Contestant<string>> {
  const { own, both } = await createRsaKeys()
  const device = await generateDeviceKey()
  const [recipient, sender] = both.map(({ kid }) => new Set([kid]))
  if (!recipient || !sender) throw new Error('The message needs two keys')
  const reader: RsaReader = {
    conversation,
    keys: own,
    devicePublicKey: device.publicKey,
    recipientKids: recipient,
    senderKids: sender,
  }
  return {
    encrypt: ({ text }) => sealMessageRsa(device, { ...content, text }, both),
    decrypt: async (jwe) => (await openMessageRsa(reader, jwe)).text,
  }
}

/** The encryption of `rsa` alone: bytes → JWE for two recipients. */
export async function createRsaJwe(): Promise<Contestant<string>> {
  const { own, both } = await createRsaKeys()
  return {
    encrypt: ({ bytes }) => encryptRsa(bytes, both),
    decrypt: async (jwe) => (await decryptRsa(own, jwe)).plaintext,
  }
}
