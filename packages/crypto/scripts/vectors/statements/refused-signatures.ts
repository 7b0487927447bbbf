import {
  SMALL,
  signForCofactor,
  signUnderSmallKey,
  signWithoutNonce,
} from '../crafted-signatures.ts'
import { identity, NOW } from '../people.ts'
import { b64u, utf8 } from '../primitives.ts'
import { credential, record } from './payloads.ts'
import { headerOf, jwsSignedBy, type Refusal, text } from './sign-texts.ts'

/** Signatures that verify in some libraries, under keys that have no private key. */
export function keyRefusals(): Refusal[] {
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
export function nonceRefusals(): Refusal[] {
  const make = (sign: (signed: Buffer) => Buffer) =>
    jwsSignedBy(sign, headerOf('credential'), text(credential))
  const { alice, mallory } = identity
  return [
    ['r-of-small-order', make((signed) => signWithoutNonce(alice, SMALL.identity, signed))],
    ['r-not-canonical', make((signed) => signWithoutNonce(alice, SMALL.identityPlusP, signed))],
    ['needs-cofactor', make((signed) => signForCofactor(alice, mallory, signed))],
  ]
}
