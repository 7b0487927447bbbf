import { agreementKey, b64u, context, sha256, signingKey } from './primitives.ts'
import { rsaKey } from './rsa-primitives.ts'

type Person = 'alice' | 'bob' | 'mallory'
type Name = Person | 'conversation' | 'otherConversation' | 'aliceDevice' | 'bobDevice' | 'message'

/** Two people who write to each other, and a third who must not be able to read their messages. */

export const ids: Readonly<Record<Name, string>> = {
  alice: 'a11ce000-0000-4000-8000-000000000001',
  bob: 'b0b00000-0000-4000-8000-000000000002',
  mallory: 'bad00000-0000-4000-8000-000000000003',
  conversation: 'c0000000-0000-4000-8000-000000000004',
  otherConversation: 'c0000000-0000-4000-8000-000000000005',
  aliceDevice: 'd0000000-0000-4000-8000-000000000006',
  bobDevice: 'd0000000-0000-4000-8000-000000000007',
  message: 'e0000000-0000-4000-8000-000000000008',
}

export const identity = {
  alice: signingKey('identity key of alice'),
  bob: signingKey('identity key of bob'),
  mallory: signingKey('identity key of mallory'),
}
export const devices = {
  alice: signingKey('device key of alice'),
  bob: signingKey('device key of bob'),
  mallory: signingKey('device key of mallory'),
}
export const ecdh = {
  alice: agreementKey('ecdh key of alice'),
  bob: agreementKey('ecdh key of bob'),
  mallory: agreementKey('ecdh key of mallory'),
}
export const rsa = {
  alice: rsaKey('alice'),
  bob: rsaKey('bob'),
  bobBefore: rsaKey('bobBefore'),
  mallory: rsaKey('mallory'),
}

/** The tag that identifies a recipient. */
export const tagOf = (account: string, identityKey: Uint8Array): string =>
  b64u(sha256(context('recipient', account, identityKey)))

export const NOW = 1_900_000_000_000
