import { badEcdhKeys, badRsaKeys } from './bad-keys.ts'
import {
  SMALL,
  signForCofactor,
  signUnderSmallKey,
  signWithoutNonce,
} from './crafted-signatures.ts'
import { sealedNameOf } from './device-names.ts'
import { ecdh, identity, ids, NOW, rsa } from './people.ts'
import { b64u, type SigningKey, sha256, signWith, utf8, withUnusedBits32 } from './primitives.ts'
import { acceptedWrites, write } from './writes.ts'

/**
 * `sotto/statements.json`: account records, successions, credentials, manifests, signed writes (PROTOCOL.md §3) and
 * proofs (§10.11).
 */

type Kind = 'record' | 'succession' | 'credential' | 'manifest' | 'proof' | 'write'
const TYP = {
  record: 'sotto-account+jws',
  succession: 'sotto-succession+jws',
  credential: 'sotto-device+jws',
  manifest: 'sotto-manifest+jws',
  proof: 'sotto-proof+jws',
  write: 'sotto-write+jws',
} as const

const headerOf = (kind: Kind) => `{"alg":"EdDSA","typ":"${TYP[kind]}"}`

/** A compact JWS over exactly these texts. */
function jws(header: string, payload: string, key: SigningKey = identity.alice): string {
  return jwsSignedBy((signed) => signWith(key, signed), header, payload)
}

function jwsSignedBy(sign: (signed: Buffer) => Buffer, header: string, payload: string): string {
  const signed = `${b64u(utf8(header))}.${b64u(utf8(payload))}`
  return `${signed}.${b64u(sign(utf8(signed)))}`
}

const record = {
  account: ids.alice,
  version: 1,
  name: 'Alice',
  pictureSha256: null,
  identityKey: identity.alice.shown.publicKey,
  ecdhKey: ecdh.alice.shown.spki,
  rsaKey: null,
  revoked: [],
  issuedAt: NOW,
}
const richRecord = {
  ...record,
  version: 4_294_967_295,
  name: 'Zoë 👩‍🚀',
  pictureSha256: b64u(sha256(utf8('a picture'))),
  rsaKey: rsa.alice.shown.spki,
  revoked: [{ device: ids.bobDevice, at: NOW - 1 }],
}
const succession = {
  account: ids.alice,
  formerKey: identity.alice.shown.publicKey,
  identityKey: identity.bob.shown.publicKey,
  device: ids.aliceDevice,
  issuedAt: NOW,
}
const credential = {
  account: ids.alice,
  device: ids.aliceDevice,
  deviceKey: identity.bob.shown.publicKey,
  sealedName: sealedNameOf('usual', 'Kitchen tablet'),
  issuedAt: NOW,
}
const manifest = {
  account: ids.alice,
  version: 7,
  record: 3,
  boxes: { keys: 2, contacts: 5 },
  wraps: { password: null, recovery_code: b64u(sha256(utf8('a wrap'))) },
  issuedAt: NOW,
}

const proof = {
  account: ids.alice,
  device: ids.aliceDevice,
  challenge: 'eyJ9_-A.mac',
  issuedAt: NOW,
}

type AcceptedCase = readonly [id: string, kind: Kind, payload: object, written?: object]

const accepted: readonly AcceptedCase[] = [
  ['record', 'record', record],
  ['record-with-everything', 'record', richRecord],
  ['succession', 'succession', succession],
  ['credential', 'credential', credential],
  ['manifest', 'manifest', manifest],
  ['manifest-both-wraps', 'manifest', withWraps()],
  ['proof', 'proof', proof],
  ...acceptedWrites.map(writeCase),
]

function writeCase({ id, payload, ...written }: (typeof acceptedWrites)[number]): AcceptedCase {
  return [id, 'write', payload, written]
}

function withWraps() {
  const password = b64u(sha256(utf8('another wrap')))
  return { ...manifest, wraps: { ...manifest.wraps, password } }
}

/** `text` with one bit flipped in the part at `index`. */
function flip(statement: string, index: number): string {
  const parts = statement.split('.')
  const bytes = Buffer.from(parts[index] ?? '', 'base64url')
  bytes[0] = (bytes[0] ?? 0) ^ 1
  return parts.with(index, b64u(bytes)).join('.')
}

/**
 * 64 bytes leave four bits of the last character unused, so the same bytes have several spellings.
 */
function withUnusedBits(statement: string): string {
  const last = { A: 'B', Q: 'R', g: 'h', w: 'x' }[statement.slice(-1)]
  return statement.slice(0, -1) + last
}

const EMPTY_HASH = b64u(sha256(utf8('')))

const text = (payload: object, changes: object = {}) => JSON.stringify({ ...payload, ...changes })

/** Cases that must be rejected for every kind of statement. */
function commonRefusals(kind: Kind, payload: object): [string, string][] {
  const header = headerOf(kind)
  const good = jws(header, text(payload))
  const other: Kind = kind === 'credential' ? 'manifest' : 'credential'
  return [
    ['signature-bit', flip(good, 2)],
    ['payload-bit', flip(good, 1)],
    ['no-signature', good.slice(0, good.lastIndexOf('.') + 1)],
    ['short-signature', good.slice(0, -4)],
    ['four-parts', `${good}.AA`],
    ['padded-base64url', `${good}==`],
    ['unused-bits-set', withUnusedBits(good)],
    ['other-key', jws(header, text(payload), identity.mallory)],
    ['wrong-typ', jws(headerOf(other), text(payload))],
    ['header-with-blanks', jws(header.replaceAll(',', ', '), text(payload))],
    ['header-reordered', jws(`{"typ":"${TYP[kind]}","alg":"EdDSA"}`, text(payload))],
    ['header-with-kid', jws(header.replace('}', ',"kid":"1"}'), text(payload))],
    ['header-alg-none', jws(header.replace('EdDSA', 'none'), text(payload))],
    ['extra-member', jws(header, text(payload, { extra: 1 }))],
    ['duplicate-member', jws(header, text(payload).replace('{', `{"issuedAt":${NOW},`))],
    ['no-json', jws(header, 'payload')],
    ['not-utf8', jwsOfBytes(header, Buffer.from('7b22ff223a317d', 'hex'))],
    ['byte-order-mark', jws(header, `\ufeff${text(payload)}`)],
    ['issued-before-1970', jws(header, text(payload, { issuedAt: -1 }))],
    ['account-in-upper-case', jws(header, text(payload, { account: ids.alice.toUpperCase() }))],
  ]
}

function jwsOfBytes(header: string, payload: Buffer): string {
  const signed = `${b64u(utf8(header))}.${b64u(payload)}`
  return `${signed}.${b64u(signWith(identity.alice, utf8(signed)))}`
}

function versionRefusals(kind: Kind, payload: object): [string, string][] {
  const withVersion = (version: string) =>
    jws(headerOf(kind), text(payload).replace(/"version":\d+/, `"version":${version}`))
  return [
    ['version-0', withVersion('0')],
    ['version-33-bits', withVersion('4294967296')],
    ['version-with-fraction', withVersion('1.0')],
    ['version-with-exponent', withVersion('1e0')],
    ['version-as-text', withVersion('"1"')],
    ['version-null', withVersion('null')],
  ]
}

function recordRefusals(): [string, string][] {
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

const namedCase = (id: string, statement: string): [string, string] => [id, statement]

function successionRefusals(): [string, string][] {
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

function credentialRefusals(): [string, string][] {
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

/** Signatures that verify in some libraries, under keys that have no private key. */
function keyRefusals(): [string, string][] {
  const make = (key: Buffer, issuedAt = NOW): string => {
    const payload = text(record, { identityKey: b64u(key), issuedAt })
    const signed = `${b64u(utf8(headerOf('record')))}.${b64u(utf8(payload))}`
    const signature = signUnderSmallKey(key, identity.mallory, utf8(signed))
    return signature ? `${signed}.${b64u(signature)}` : make(key, issuedAt + 1)
  }
  return [
    ['identity-key-of-order-1', make(SMALL.identity)],
    ['identity-key-of-order-2', make(SMALL.order2)],
    ['identity-key-of-order-8', make(SMALL.order8)],
    ['identity-key-not-canonical', make(SMALL.identityPlusP)],
  ]
}

/** The same by the right key, with an R that no signing function produces. */
function nonceRefusals(): [string, string][] {
  const make = (sign: (signed: Buffer) => Buffer) =>
    jwsSignedBy(sign, headerOf('credential'), text(credential))
  const { alice, mallory } = identity
  return [
    ['r-of-small-order', make((signed) => signWithoutNonce(alice, SMALL.identity, signed))],
    ['r-not-canonical', make((signed) => signWithoutNonce(alice, SMALL.identityPlusP, signed))],
    ['needs-cofactor', make((signed) => signForCofactor(alice, mallory, signed))],
  ]
}

function manifestRefusals(): [string, string][] {
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

function proofRefusals(): [string, string][] {
  const make = (changes: object) => jws(headerOf('proof'), text(proof, changes))
  return [
    ['challenge-empty', make({ challenge: '' })],
    ['challenge-without-mac', make({ challenge: 'eyJ9' })],
    ['challenge-of-three-parts', make({ challenge: 'a.b.c' })],
    ['challenge-too-long', make({ challenge: `${'a'.repeat(1023)}.b` })],
    ['device-missing', make({ device: undefined })],
  ]
}

function writeRefusals(): [string, string][] {
  const make = (changes: object) => jws(headerOf('write'), text(write, changes))
  return [
    ['of-something-else', make({ what: 'record' })],
    ['hash-short', make({ sha256: 'AAAA' })],
    ['hash-with-unused-bits', make({ sha256: withUnusedBits32(write.sha256) })],
    ['hash-missing', make({ sha256: undefined })],
  ]
}

export function statementVectors() {
  const signer = identity.alice.shown.publicKey
  const refused: [Kind, [string, string][]][] = [
    ['record', [...commonRefusals('record', record), ...recordRefusals()]],
    ['record', versionRefusals('record', record)],
    ['record', keyRefusals()],
    ['succession', [...commonRefusals('succession', succession), ...successionRefusals()]],
    ['credential', [...commonRefusals('credential', credential), ...credentialRefusals()]],
    ['credential', nonceRefusals()],
    ['manifest', [...commonRefusals('manifest', manifest), ...manifestRefusals()]],
    ['manifest', versionRefusals('manifest', manifest)],
    ['proof', [...commonRefusals('proof', proof), ...proofRefusals()]],
    ['write', [...commonRefusals('write', write), ...writeRefusals()]],
    ['write', versionRefusals('write', write)],
  ]
  return {
    format: 'sotto-statements/1',
    about: [
      'PROTOCOL.md section 3. Verify `statement` under `identityKey`; a record and a succession are verified under',
      'the key in them.',
      'A proof (section 10.11) is by a device key: for it, `identityKey` is that of the device.',
      '`accept` must give `payload`, and signing `payload` with the private key must give `statement` again.',
      'With a write stands the `text` that is written; of all wraps also the `wraps` as a request may have them.',
      '`refuse` must end in `bad_statement`.',
    ].join(' '),
    keys: {
      alice: identity.alice.shown,
      bob: identity.bob.shown,
      mallory: identity.mallory.shown,
    },
    cases: [
      ...accepted.map(([id, kind, payload, written]) => ({
        id,
        kind,
        identityKey: signer,
        statement: jws(headerOf(kind), text(payload)),
        expect: 'accept',
        payload,
        ...written,
      })),
      ...refused.flatMap(([kind, cases]) =>
        cases.map(([id, statement]) => ({
          id: `${kind}-${id}`,
          kind,
          identityKey: signer,
          statement,
          expect: 'refuse',
        })),
      ),
    ],
  }
}
