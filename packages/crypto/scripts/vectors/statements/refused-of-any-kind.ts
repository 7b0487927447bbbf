import { identity, ids, NOW } from '../people.ts'
import { b64u, signWith, utf8 } from '../primitives.ts'
import { headerOf, jws, type Kind, type Refusal, TYP, text } from './sign-texts.ts'

/** Cases that must be rejected for every kind of statement. */
export function commonRefusals(kind: Kind, payload: object): Refusal[] {
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

/** Of statements with a version. */
export function versionRefusals(kind: Kind, payload: object): Refusal[] {
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
