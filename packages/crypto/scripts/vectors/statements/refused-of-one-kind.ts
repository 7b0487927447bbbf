import { badEcdhKeys, badRsaKeys } from '../bad-keys.ts'
import { identity, ids, NOW } from '../people.ts'
import { b64u, sha256, utf8, withUnusedBits32 } from '../primitives.ts'
import { write } from '../writes.ts'
import { credential, manifest, proof, record, succession } from './payloads.ts'
import { headerOf, jws, type Refusal, text } from './sign-texts.ts'

const EMPTY_HASH = b64u(sha256(utf8('')))

export function recordRefusals(): Refusal[] {
  const make = (changes: object) => jws(headerOf('record'), text(record, changes))
  const many = Array.from({ length: 65 }, () => ({ device: ids.bobDevice, at: NOW }))
  return [
    ['identity-key-of-another', make({ identityKey: identity.mallory.shown.publicKey })],
    ['too-many-revoked', make({ revoked: many })],
    [
      'device-revoked-twice',
      make({
        revoked: [
          { device: ids.bobDevice, at: NOW - 1 },
          { device: ids.bobDevice, at: NOW },
        ],
      }),
    ],
    ['revoked-missing', make({ revoked: undefined })],
    ['revoked-with-more', make({ revoked: [{ device: ids.bobDevice, at: NOW, why: 'lost' }] })],
    ['name-empty', make({ name: '' })],
    ['name-with-line-break', make({ name: 'Ali\nce' })],
    ['name-with-direction-override', make({ name: 'Ali\u202ece' })],
    ['name-invisible', make({ name: '\u200b' })],
    ['name-of-65-characters', make({ name: 'a'.repeat(65) })],
    ['name-with-lone-surrogate', make({ name: '\ud800' })],
    ['identity-key-short', make({ identityKey: record.identityKey.slice(1) })],
    ['picture-hash-with-unused-bits', make({ pictureSha256: withUnusedBits32(EMPTY_HASH) })],
    ...badEcdhKeys.map(([id, key]) => namedCase(`ecdh-key-${id}`, make({ ecdhKey: b64u(key) }))),
    ...badRsaKeys.map(([id, key]) => namedCase(`rsa-key-${id}`, make({ rsaKey: b64u(key) }))),
  ]
}

const namedCase = (id: string, statement: string): Refusal => [id, statement]

export function successionRefusals(): Refusal[] {
  const make = (changes: object) => jws(headerOf('succession'), text(succession, changes))
  const { identityKey, formerKey } = succession
  return [
    ['former-key-of-another', make({ formerKey: identity.mallory.shown.publicKey })],
    ['former-key-short', make({ formerKey: formerKey.slice(1) })],
    ['to-the-same-key', make({ identityKey: formerKey })],
    ['identity-key-short', make({ identityKey: identityKey.slice(1) })],
    ['identity-key-with-unused-bits', make({ identityKey: withUnusedBits32(identityKey) })],
    ['identity-key-missing', make({ identityKey: undefined })],
    ['device-missing', make({ device: undefined })],
    ['device-null', make({ device: null })],
    // It has no other fault: whitespace is valid JSON.
    [
      'of-1025-characters',
      jws(headerOf('succession'), `${text(succession)}${' '.repeat(blanksUpTo(1025))}`),
    ],
  ]
}

/** The number of spaces that makes a succession at least `characters` long. */
function blanksUpTo(characters: number): number {
  const short = jws(headerOf('succession'), text(succession)).length
  return Math.ceil(((characters - short) * 3) / 4)
}

export function credentialRefusals(): Refusal[] {
  const make = (changes: object) => jws(headerOf('credential'), text(credential, changes))
  const { deviceKey, sealedName } = credential
  return [
    ['name-in-clear', make({ name: 'Kitchen tablet' })],
    ['name-in-the-place-of-the-sealed-one', make({ sealedName: 'Kitchen tablet' })],
    ['sealed-name-missing', make({ sealedName: undefined })],
    ['sealed-name-short', make({ sealedName: sealedName.slice(4) })],
    ['sealed-name-long', make({ sealedName: `${sealedName}AAAA` })],
    ['sealed-name-null', make({ sealedName: null })],
    ['device-key-short', make({ deviceKey: deviceKey.slice(1) })],
    ['device-key-with-unused-bits', make({ deviceKey: withUnusedBits32(deviceKey) })],
  ]
}

export function manifestRefusals(): Refusal[] {
  const make = (changes: object) => jws(headerOf('manifest'), text(manifest, changes))
  return [
    ['record-version-0', make({ record: 0 })],
    ['box-version-0', make({ boxes: { keys: 0, contacts: 1 } })],
    ['box-missing', make({ boxes: { keys: 1 } })],
    ['wrap-hash-short', make({ wraps: { password: 'AAAA', recovery_code: null } })],
    [
      'wrap-hash-with-unused-bits',
      make({ wraps: { password: withUnusedBits32(EMPTY_HASH), recovery_code: null } }),
    ],
    ['wrap-missing', make({ wraps: { password: null } })],
  ]
}

export function proofRefusals(): Refusal[] {
  const make = (changes: object) => jws(headerOf('proof'), text(proof, changes))
  return [
    ['challenge-empty', make({ challenge: '' })],
    ['challenge-without-mac', make({ challenge: 'eyJ9' })],
    ['challenge-of-three-parts', make({ challenge: 'a.b.c' })],
    ['challenge-too-long', make({ challenge: `${'a'.repeat(1023)}.b` })],
    ['device-missing', make({ device: undefined })],
  ]
}

export function writeRefusals(): Refusal[] {
  const make = (changes: object) => jws(headerOf('write'), text(write, changes))
  return [
    ['of-something-else', make({ what: 'record' })],
    ['hash-short', make({ sha256: 'AAAA' })],
    ['hash-with-unused-bits', make({ sha256: withUnusedBits32(write.sha256) })],
    ['hash-missing', make({ sha256: undefined })],
  ]
}
