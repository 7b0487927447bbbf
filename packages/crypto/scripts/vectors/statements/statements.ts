import { identity } from '../people.ts'
import { b64u, sha256, utf8 } from '../primitives.ts'
import { acceptedWrites, write } from '../writes.ts'
import { credential, manifest, proof, record, richRecord, succession } from './payloads.ts'
import { commonRefusals, versionRefusals } from './refused-of-any-kind.ts'
import {
  credentialRefusals,
  manifestRefusals,
  proofRefusals,
  recordRefusals,
  successionRefusals,
  writeRefusals,
} from './refused-of-one-kind.ts'
import { keyRefusals, nonceRefusals } from './refused-signatures.ts'
import { headerOf, jws, type Kind, type Refusal, text } from './sign-texts.ts'

/**
 * `sotto/statements.json`: account records, successions, credentials, manifests, signed writes (PROTOCOL.md §3) and
 * proofs (§10.11).
 */

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

export function statementVectors() {
  const signer = identity.alice.shown.publicKey
  const refused: [Kind, Refusal[]][] = [
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
