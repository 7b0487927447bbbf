import {
  type AccountKeys,
  createAccountKeys,
  type DeviceKeyPair,
  decodeBase64url,
  derivePairwiseKeys,
  encodeBase64url,
  generateDeviceKey,
  generateRootSecret,
  importRsaPublicKey,
  keysOf,
  publicKeysOf,
  recipientTag,
  sealDeviceName,
  sealMessageEcdh,
  sealMessageRsa,
  signCredential,
  signManifest,
  signRecord,
  verifyRecord,
} from '@sotto/crypto'
import {
  type AccountId,
  type ConversationId,
  DeviceId,
  EnvelopeId,
  type PublishedAccount,
  type StoredEnvelope,
} from '@sotto/wire'

/** An attacker's keys for impersonating any account. */
export interface ForgerKeys {
  readonly keys: AccountKeys
  readonly device: DeviceKeyPair
}

export async function makeForgerKeys(): Promise<ForgerKeys> {
  const keys = await keysOf(await createAccountKeys({ withRsa: true }))
  return { keys, device: await generateDeviceKey() }
}

/** An account with the forger's keys. */
export interface Forgery {
  readonly forger: ForgerKeys
  readonly accountId: AccountId
  readonly identityKey: string
  readonly deviceId: DeviceId
  readonly published: PublishedAccount
  readonly manifest: string
}

/** Replaces an account's keys with the forger's; it still lists its own devices. */
export async function forge(
  forger: ForgerKeys,
  genuine: PublishedAccount,
  versionsAhead: number,
): Promise<Forgery> {
  const before = await verifyRecord(genuine.record)
  const { identity } = forger.keys
  const version = before.version + versionsAhead
  const issuedAt = before.issuedAt + 1
  const record = { ...before, ...publicKeysOf(forger.keys), revoked: [], version, issuedAt }
  const deviceId = DeviceId.parse(crypto.randomUUID())
  const named = { account: genuine.accountId, device: deviceId }
  const credential = await signCredential(identity, {
    ...named,
    deviceKey: encodeBase64url(forger.device.publicKey),
    sealedName: await sealDeviceName(generateRootSecret(), named, 'forged'),
    issuedAt: 1,
  })
  const manifest = await signManifest(identity, {
    account: genuine.accountId,
    version: 99,
    record: version,
    boxes: { keys: 1, contacts: 1 },
    wraps: { password: null, recovery_code: null },
    issuedAt,
  })
  return {
    forger,
    manifest,
    accountId: genuine.accountId,
    identityKey: record.identityKey,
    deviceId,
    published: {
      ...genuine,
      record: await signRecord(identity, record),
      devices: [...genuine.devices, { deviceId, credential }],
      pastRecords: [genuine.record, ...genuine.pastRecords].slice(0, 8),
    },
  }
}

/** A message to `reader` that claims to be from the forged account. */
export async function writeAs(
  { forger, accountId, deviceId }: Forgery,
  reader: PublishedAccount,
  message: { conversation: ConversationId; protocol: string; text: string; counter: number },
): Promise<Omit<StoredEnvelope, 'seq' | 'acceptedAt'>> {
  const { conversation, protocol, text, counter } = message
  const id = EnvelopeId.parse(crypto.randomUUID())
  const { ecdhKey, rsaKey, identityKey } = await verifyRecord(reader.record)
  const content = {
    type: 'text' as const,
    conversation,
    message: id,
    account: accountId,
    device: deviceId,
    to: await recipientTag(reader.accountId, identityKey),
    record: 1,
    manifest: 1,
    counter,
    skipped: [],
    sentAt: 1,
    text,
  }
  const seal = async () => {
    if (protocol !== 'rsa' || !rsaKey) {
      const own = forger.keys.ecdh[0]
      const pairwise = await derivePairwiseKeys(own, decodeBase64url(ecdhKey), conversation)
      return sealMessageEcdh(pairwise, content)
    }
    const own = forger.keys.rsa[0]?.publicKey ?? new Uint8Array()
    const recipients = await Promise.all([decodeBase64url(rsaKey), own].map(importRsaPublicKey))
    return sealMessageRsa(forger.device, content, recipients)
  }
  return {
    id,
    conversationId: conversation,
    kind: 'message',
    ciphertext: await seal(),
    senderAccountId: accountId,
    senderDeviceId: deviceId,
  }
}
