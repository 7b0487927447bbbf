/**
 * All cryptography of Sotto. It uses no network, no storage and no clock, and runs unchanged in
 * browsers and in Node. The client side of OPAQUE loads WebAssembly and is therefore a separate
 * entry, `@sotto/crypto/password`.
 */
export {
  type AccountKeys,
  createAccountKeys,
  keysOf,
  publicKeysOf,
  rsaKeyToPem,
  withImportedRsaKey,
  withKeysOf,
  withNewRsaKey,
} from './account-keys.ts'
export { decodeBase64url, encodeBase64url } from './base64url.ts'
export type { Bytes } from './bytes.ts'
export { type Content, decodeContent, encodeContent, type OutgoingContent } from './content.ts'
export { MAX_RECIPIENTS } from './content-header.ts'
export { decryptEcdh } from './ecdh/decrypt.ts'
export { encryptEcdh } from './ecdh/encrypt.ts'
export type { EcdhKeyPair } from './ecdh/key-pair.ts'
export { openMessageEcdh, sealMessageEcdh } from './ecdh/message.ts'
export { derivePairwiseKeys, type PairwiseKey, type PairwiseKeys } from './ecdh/pairwise-keys.ts'
export {
  CryptoError,
  type CryptoErrorCode,
  DecryptError,
  KeyFileError,
  type KeyFileFacts,
  type KeyFileKind,
} from './errors.ts'
export { hashCiphertext } from './hash-ciphertext.ts'
export { type DeviceKeyPair, generateDeviceKey } from './identity/device-key.ts'
export { prepareSignatures } from './identity/ed25519.ts'
export type { IdentityKeyPair } from './identity/identity-key.ts'
export { recipientTag } from './identity/recipient-tag.ts'
export { type SafetyParty, safetyNumber, safetyQr } from './identity/safety-number.ts'
export type { SigningKey } from './identity/signing-key.ts'
export { type BoxPlace, openBox, sealBox } from './recovery/boxes.ts'
export { openContacts, type Pin, sealContacts } from './recovery/contacts.ts'
export { type NamedDevice, openDeviceName, sealDeviceName } from './recovery/device-name.ts'
export { FormerKey } from './recovery/former-key.ts'
export { type KeyBox, openKeyBox, sealKeyBox } from './recovery/key-box.ts'
export {
  type FoundRecoveryCodes,
  findRecoveryCodes,
  generateRecoveryCode,
  parseRecoveryCode,
  type RecoveryCode,
} from './recovery/recovery-code.ts'
export { generateRootSecret, type RootSecret } from './recovery/root-secret.ts'
export {
  createVaultKey,
  type VaultKey,
  vaultOpen,
  vaultOpenRootSecret,
  vaultSeal,
  vaultSealRootSecret,
} from './recovery/vault.ts'
export { hashWrap, type Opener, unwrapRootSecret, wrapRootSecret } from './recovery/wraps.ts'
export { decryptRsa, type OpenedRsa, recipientsOfRsa } from './rsa/decrypt.ts'
export { encryptRsa } from './rsa/encrypt.ts'
export { importRsaPublicKey, type RsaKeyPair, type RsaPublicKey, rsaKid } from './rsa/key-pair.ts'
export { openMessageRsa, type RsaReader, sealMessageRsa } from './rsa/message.ts'
export {
  hashPicture,
  signCredential,
  signDeviceProof,
  signManifest,
  signRecord,
  signSuccession,
  signWritten,
  verifyCredential,
  verifyDeviceProof,
  verifyManifest,
  verifyRecord,
  verifySuccession,
} from './statements.ts'
