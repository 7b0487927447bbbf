import { identity, ids } from './people.ts'
import { b64u, sha256, utf8 } from './primitives.ts'

/** The payloads of signed writes, each with the written text (PROTOCOL.md §3.7). */

function payloadOf(what: string, text: string, version = 2) {
  return { account: ids.alice, what, version, sha256: b64u(sha256(utf8(text))) }
}

const CIPHERTEXT = b64u(utf8('the ciphertext of a box or a wrap'))
const NEW_IDENTITY_KEY = identity.mallory.shown.publicKey
const ALL_WRAPS = 'password QUFB\nrecovery_code QkJC\n'

export const write = payloadOf('keys', CIPHERTEXT)

export const acceptedWrites = [
  { id: 'write', payload: write, text: CIPHERTEXT },
  {
    id: 'write-contacts',
    payload: payloadOf('contacts', CIPHERTEXT, 4_294_967_295),
    text: CIPHERTEXT,
  },
  { id: 'write-password', payload: payloadOf('password', CIPHERTEXT, 1), text: CIPHERTEXT },
  { id: 'write-recovery-code', payload: payloadOf('recovery_code', CIPHERTEXT), text: CIPHERTEXT },
  {
    id: 'write-of-all-wraps',
    payload: payloadOf('wraps', ALL_WRAPS),
    text: ALL_WRAPS,
    // In the order of a request body, which may differ from the order in the text.
    wraps: [
      { kind: 'recovery_code', ciphertext: 'QkJC' },
      { kind: 'password', ciphertext: 'QUFB' },
    ],
  },
  { id: 'write-no-password', payload: payloadOf('no_password', ''), text: '' },
  {
    id: 'write-stop-new-keys',
    payload: payloadOf('stop_new_keys', NEW_IDENTITY_KEY),
    text: NEW_IDENTITY_KEY,
  },
]
