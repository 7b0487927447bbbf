import { ecdh, identity, ids, NOW, rsa } from './people.ts'
import {
  b64u,
  context,
  fixedBytes,
  hkdf,
  sealGcm,
  sha256,
  uint32,
  utf8,
  withUnusedBits32,
} from './primitives.ts'

/** `sotto/boxes.json`, `sotto/wraps.json` (PROTOCOL.md §4). */

const rootSecret = fixedBytes('root secret', 32)
const otherRootSecret = fixedBytes('another root secret', 32)

type BoxName = 'keys' | 'contacts'

function sealBox(label: string, name: BoxName, version: number, plaintext: string) {
  const info = context(`box ${name}`, ids.alice)
  const key = hkdf('sha256', rootSecret, info, 32)
  const iv = fixedBytes(`iv of ${label}`, 12)
  const aad = Buffer.concat([info, uint32(version)])
  return { version, ciphertext: b64u(sealGcm(key, iv, aad, utf8(plaintext))) }
}

const pair = ({ spki, pkcs8 }: { spki: string; pkcs8: string }) => ({
  publicKey: spki,
  privateKey: pkcs8,
})
const keys = {
  v: 1,
  identity: identity.alice.shown.pkcs8,
  ecdh: [pair(ecdh.alice.shown), pair(ecdh.mallory.shown)],
  rsa: [pair(rsa.alice.shown)],
}
const former = {
  identityKey: identity.mallory.shown.publicKey,
  replacedAt: NOW,
  ends: [{ conversation: ids.conversation, seq: 12 }],
}
const pin = {
  account: ids.bob,
  identityKey: identity.bob.shown.publicKey,
  recordVersion: 3,
  verified: true,
  former: [former],
}
const contacts = { v: 1, pins: [pin] }
/** For the person's own account, which renewed its keys: it has more ends than a contact's key. */
const ownPin = {
  account: ids.alice,
  identityKey: identity.alice.shown.publicKey,
  recordVersion: 7,
  verified: false,
  former: [{ ...former, ends: Array.from({ length: 65 }, () => former.ends[0]), renewed: true }],
}
const renewedContact = { ...pin, former: [{ ...former, renewed: true }] }

const opened: readonly [id: string, box: BoxName, version: number, plaintext: object][] = [
  ['keys', 'keys', 1, keys],
  ['keys-without-rsa', 'keys', 2, { ...keys, rsa: [] }],
  ['contacts', 'contacts', 4_294_967_295, contacts],
  ['contacts-empty', 'contacts', 1, { v: 1, pins: [] }],
  ['contacts-renewed', 'contacts', 2, { v: 1, pins: [renewedContact, ownPin] }],
]

/** Plaintexts that are sealed correctly but are not a valid box. */
function badPlaintexts(): readonly [id: string, box: BoxName, plaintext: string][] {
  const ends = Array.from({ length: 513 }, () => former.ends[0])
  const pinWith = (changes: object) => JSON.stringify({ v: 1, pins: [{ ...pin, ...changes }] })
  return [
    ['keys-v-2', 'keys', JSON.stringify({ ...keys, v: 2 })],
    ['keys-without-ecdh', 'keys', JSON.stringify({ ...keys, ecdh: [] })],
    ['keys-extra-member', 'keys', JSON.stringify({ ...keys, mls: [] })],
    ['keys-padded-base64url', 'keys', JSON.stringify({ ...keys, identity: `${keys.identity}=` })],
    ['contacts-v-missing', 'contacts', '{"pins":[]}'],
    ['contacts-duplicate-member', 'contacts', '{"v":1,"v":1,"pins":[]}'],
    ['contacts-version-with-fraction', 'contacts', pinWith({}).replace(':3,', ':3.0,')],
    ['contacts-former-missing', 'contacts', pinWith({ former: undefined })],
    ['contacts-renewed-false', 'contacts', pinWith({ former: [{ ...former, renewed: false }] })],
    [
      'contacts-identity-key-with-unused-bits',
      'contacts',
      pinWith({ identityKey: withUnusedBits32(pin.identityKey) }),
    ],
    ['contacts-17-former', 'contacts', pinWith({ former: Array(17).fill(former) })],
    ['contacts-513-ends', 'contacts', pinWith({ former: [{ ...former, ends }] })],
  ]
}

interface BoxAttempt {
  readonly box: BoxName
  readonly account: string
  readonly rootSecret: string
  readonly sealed: { readonly version: number; readonly ciphertext: string }
}

/** A valid box, and manipulated copies of it. */
function wrongAttempts(right: BoxAttempt): [string, BoxAttempt][] {
  const { sealed } = right
  const bytes = Buffer.from(sealed.ciphertext, 'base64url')
  const withBytes = (changed: Uint8Array) => ({ ...sealed, ciphertext: b64u(changed) })
  const flipped = Buffer.from(bytes)
  flipped[20] = (flipped[20] ?? 0) ^ 1
  return [
    ['other-version', { ...right, sealed: { ...sealed, version: sealed.version + 1 } }],
    ['other-name', { ...right, box: 'contacts' }],
    ['other-account', { ...right, account: ids.bob }],
    ['other-root-secret', { ...right, rootSecret: b64u(otherRootSecret) }],
    ['bit-flipped', { ...right, sealed: withBytes(flipped) }],
    ['truncated', { ...right, sealed: withBytes(bytes.subarray(0, -1)) }],
    ['shorter-than-iv-and-tag', { ...right, sealed: withBytes(bytes.subarray(0, 27)) }],
    ['padded-base64url', { ...right, sealed: { ...sealed, ciphertext: `${sealed.ciphertext}=` } }],
  ]
}

export function boxVectors() {
  const place = { account: ids.alice, rootSecret: b64u(rootSecret) }
  const right = { ...place, box: 'keys', sealed: sealBox('keys', 'keys', 1, JSON.stringify(keys)) }
  return {
    format: 'sotto-boxes/1',
    about: [
      'PROTOCOL.md section 4.2. `open` must give `plaintext` byte for byte, as UTF-8, and its meaning.',
      '`refuse` must end in `cannot_decrypt`, whatever the cause.',
    ].join(' '),
    cases: [
      ...opened.map(([id, box, version, plaintext]) => ({
        id,
        ...place,
        box,
        sealed: sealBox(id, box, version, JSON.stringify(plaintext)),
        expect: 'open',
        plaintext: JSON.stringify(plaintext),
      })),
      ...wrongAttempts(right as BoxAttempt).map(([id, attempt]) => ({
        id,
        ...attempt,
        expect: 'refuse',
      })),
      ...badPlaintexts().map(([id, box, plaintext]) => ({
        id,
        ...place,
        box,
        sealed: sealBox(id, box, 1, plaintext),
        expect: 'refuse',
      })),
    ],
  }
}

const CODE = '0123456789ABCDEFGHJKMNPQRSTVWX'
const OTHER_CODE = 'ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ'
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

function codeOf(secret: string): string {
  const digest = sha256(
    Buffer.concat([utf8('sotto/1 recovery code'), Buffer.alloc(1), utf8(secret)]),
  )
  const bits = digest.readUInt16BE() >> 6
  const whole = secret + ALPHABET.charAt(bits >> 5) + ALPHABET.charAt(bits & 31)
  return (whole.match(/.{4}/g) ?? []).join('-')
}

type WrapKind = 'password' | 'recovery_code'

function sealWrap(label: string, kind: WrapKind, secret: Buffer): Buffer {
  const info = context(`wrap ${kind}`, ids.alice)
  const key = hkdf('sha256', secret, info, 32)
  return sealGcm(key, fixedBytes(`iv of ${label}`, 12), info, rootSecret)
}

export function wrapVectors() {
  const exportKey = fixedBytes('export key', 64)
  const password = sealWrap('password wrap', 'password', exportKey)
  const recovery = sealWrap('recovery wrap', 'recovery_code', utf8(CODE))
  const byPassword = { kind: 'password', account: ids.alice, exportKey: b64u(exportKey) }
  const byCode = { kind: 'recovery_code', account: ids.alice, code: codeOf(CODE) }
  const other = b64u(fixedBytes('another export key', 64))
  const cannot = { expect: 'refuse', error: 'cannot_decrypt' }
  const bad = { expect: 'refuse', error: 'bad_wrap' }
  const good = { expect: 'open', rootSecret: b64u(rootSecret) }
  const [byP, byC] = [b64u(password), b64u(recovery)]
  const flipped = Buffer.from(recovery)
  flipped[59] = (flipped[59] ?? 0) ^ 0x80
  const long = b64u(Buffer.concat([recovery, Buffer.alloc(1)]))
  return {
    format: 'sotto-wraps/1',
    about: [
      'PROTOCOL.md section 4.3. `open` must give `rootSecret`, and `sha256` is what a manifest says of the wrap.',
      '`refuse` must end in `error`: `bad_wrap` is not the fault of the code or password.',
    ].join(' '),
    cases: [
      { id: 'password', ...byPassword, ciphertext: byP, ...good, sha256: b64u(sha256(password)) },
      { id: 'recovery-code', ...byCode, ciphertext: byC, ...good, sha256: b64u(sha256(recovery)) },
      { id: 'other-code', ...byCode, code: codeOf(OTHER_CODE), ciphertext: byC, ...cannot },
      { id: 'other-password', ...byPassword, exportKey: other, ciphertext: byP, ...cannot },
      { id: 'other-account', ...byCode, account: ids.bob, ciphertext: byC, ...cannot },
      { id: 'other-account-password', ...byPassword, account: ids.bob, ciphertext: byP, ...cannot },
      { id: 'code-on-password-wrap', ...byCode, ciphertext: byP, ...cannot },
      { id: 'password-on-code-wrap', ...byPassword, ciphertext: byC, ...cannot },
      { id: 'bit-flipped', ...byCode, ciphertext: b64u(flipped), ...cannot },
      { id: '59-bytes', ...byCode, ciphertext: b64u(recovery.subarray(1)), ...bad },
      { id: '61-bytes', ...byCode, ciphertext: long, ...bad },
      { id: '61-bytes-password', ...byPassword, ciphertext: long, ...bad },
      { id: 'empty', ...byCode, ciphertext: '', ...bad },
      { id: 'padded-base64url', ...byCode, ciphertext: `${byC}=`, ...bad },
    ],
  }
}

export function recoveryCodeVectors() {
  const code = codeOf(CODE)
  const other = codeOf(OTHER_CODE)
  const characters = code.replaceAll('-', '')
  const swapped = `${characters.slice(0, 8)}98${characters.slice(10)}`
  const checked = characters.slice(0, -1) + (characters.endsWith('0') ? '1' : '0')
  const typed: [string, string, string?][] = [
    ['as-shown', code, code],
    ['other-code', other, other],
    ['without-hyphens', characters, code],
    ['lower-case', code.toLowerCase(), code],
    ['blanks-for-hyphens', code.replaceAll('-', ' '), code],
    ['blanks-around', `  ${code}\n`, code],
    ['letter-o-for-0', code.replace('0', 'O'), code],
    ['letter-i-for-1', code.replace('1', 'I'), code],
    ['letter-l-for-1', code.replace('1', 'l'), code],
    ['full-width', wide(code), code],
    ['arabic-digits', inDigits(0x0660, code), code],
    ['persian-digits', inDigits(0x06f0, code), code],
    ['devanagari-digits', inDigits(0x0966, code), code],
    ['en-dashes', code.replaceAll('-', '\u2013'), code],
    ['marks-of-direction', `\u2066${code}\u2069`, code],
    ['one-character-wrong', `Z${characters.slice(1)}`],
    ['two-characters-swapped', swapped],
    ['check-wrong', checked],
    ['one-missing', characters.slice(0, -1)],
    ['one-too-many', `${characters}0`],
    ['letter-u', `U${characters.slice(1)}`],
    ['without-check', CODE],
    ['empty', ''],
    ['words-around', `code ${code}`],
  ]
  return {
    format: 'sotto-recovery-codes/1',
    about: [
      'PROTOCOL.md section 4.4. `accept` must give `code`, whose first 30 characters without hyphens open a wrap.',
      '`refuse` must end in `bad_recovery_code`.',
    ].join(' '),
    cases: typed.map(([id, text, read]) =>
      read === undefined
        ? { id, typed: text, expect: 'refuse' }
        : { id, typed: text, expect: 'accept', code: read },
    ),
  }
}

/** Text as a Japanese keyboard writes it. */
const wide = (text: string): string =>
  text.replace(/./g, (character) => String.fromCharCode(character.charCodeAt(0) + 0xfee0))

/** Text with the digits of the script whose zero is `zero`. */
const inDigits = (zero: number, text: string): string =>
  text.replace(/\d/g, (digit) => String.fromCharCode(zero + Number(digit)))
