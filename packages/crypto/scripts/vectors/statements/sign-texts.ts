import { identity } from '../people.ts'
import { b64u, type SigningKey, signWith, utf8 } from '../primitives.ts'

export type Kind = 'record' | 'succession' | 'credential' | 'manifest' | 'proof' | 'write'
export const TYP = {
  record: 'sotto-account+jws',
  succession: 'sotto-succession+jws',
  credential: 'sotto-device+jws',
  manifest: 'sotto-manifest+jws',
  proof: 'sotto-proof+jws',
  write: 'sotto-write+jws',
} as const

export const headerOf = (kind: Kind) => `{"alg":"EdDSA","typ":"${TYP[kind]}"}`

/** A compact JWS over exactly these texts. */
export function jws(header: string, payload: string, key: SigningKey = identity.alice): string {
  return jwsSignedBy((signed) => signWith(key, signed), header, payload)
}

export function jwsSignedBy(
  sign: (signed: Buffer) => Buffer,
  header: string,
  payload: string,
): string {
  const signed = `${b64u(utf8(header))}.${b64u(utf8(payload))}`
  return `${signed}.${b64u(sign(utf8(signed)))}`
}

/** The payload's JSON, with some members changed. */
export const text = (payload: object, changes: object = {}) =>
  JSON.stringify({ ...payload, ...changes })

/** A refused statement, with the id of its case. */
export type Refusal = readonly [id: string, statement: string]
