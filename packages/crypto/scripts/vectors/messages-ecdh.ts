import { encode, header } from './contents.ts'
import { ecdh, ids } from './people.ts'
import {
  type AgreementKey,
  agree,
  b64u,
  context,
  fixedBytes,
  hkdf,
  sealComposite,
  sha256,
} from './primitives.ts'

/** `sotto/messages-ecdh.json` (PROTOCOL.md §7). */

const HEADER = '{"alg":"dir","enc":"A256CBC-HS512"}'
const TEXT = 'the canary sings at dawn'

function keyFor(sender: AgreementKey, receiver: AgreementKey, conversation: string): Buffer {
  const hashes = [sha256(sender.spki), sha256(receiver.spki)]
  const info = context('ecdh A256CBC-HS512', conversation, ...hashes)
  return hkdf('sha512', agree(sender, receiver), info, 64)
}

function seal(label: string, key: Buffer, content: Buffer, jweHeader = HEADER): string {
  return sealComposite(key, fixedBytes(`iv of ${label}`, 16), jweHeader, content)
}

const inConversation = (conversation: string) => keyFor(ecdh.alice, ecdh.bob, conversation)

/** Messages from Alice to Bob that Bob must not open. */
function refusals(): [id: string, ciphertext: string][] {
  const key = inConversation(ids.conversation)
  const content = encode(header, TEXT)
  const good = seal('good', key, content)
  const parts = good.split('.')
  const broken = Buffer.from(content)
  broken[broken.length - 1] = 1
  const halves = Buffer.concat([key.subarray(32), key.subarray(0, 32)])
  return [
    ['other-direction', seal('other', keyFor(ecdh.bob, ecdh.alice, ids.conversation), content)],
    ['other-conversation', seal('other', inConversation(ids.otherConversation), content)],
    ['key-of-another', seal('other', keyFor(ecdh.mallory, ecdh.bob, ids.conversation), content)],
    ['halves-of-key-swapped', seal('other', halves, content)],
    ['names-recipients', seal('other', key, encode({ ...header, recipients: [header.to] }, TEXT))],
    ['content-broken', seal('other', key, broken)],
    ['content-without-to', seal('other', key, encode({ ...header, to: undefined }, TEXT))],
    ['jwe-header-reordered', seal('other', key, content, '{"enc":"A256CBC-HS512","alg":"dir"}')],
    ['jwe-header-with-blanks', seal('other', key, content, HEADER.replace(',', ', '))],
    ['jwe-header-with-kid', seal('other', key, content, HEADER.replace('}', ',"kid":"1"}'))],
    ['jwe-header-zip', seal('other', key, content, HEADER.replace('}', ',"zip":"DEF"}'))],
    ['encrypted-key-not-empty', parts.with(1, 'AAAA').join('.')],
    ['tag-short', parts.with(4, parts[4]?.slice(0, 22) ?? '').join('.')],
    ['tag-padded', `${good}=`],
    ['four-parts', parts.slice(0, 4).join('.')],
    ['six-parts', `${good}.`],
    ['iv-changed', parts.with(2, b64u(fixedBytes('another iv', 16))).join('.')],
  ]
}

export function ecdhMessageVectors() {
  const toBob = inConversation(ids.conversation)
  const toAlice = keyFor(ecdh.bob, ecdh.alice, ids.conversation)
  const reply = { ...header, account: ids.bob, device: ids.bobDevice, counter: 2, skipped: [1] }
  const bob = { own: ecdh.bob.shown, peer: ecdh.alice.shown.spki, conversation: ids.conversation }
  const alice = { own: ecdh.alice.shown, peer: ecdh.bob.shown.spki, conversation: ids.conversation }
  const good = seal('good', toBob, encode(header, TEXT))
  const answered = seal('reply', toAlice, encode(reply, 'at dusk'))
  const opened = (key: Buffer, ciphertext: string, fields: object, text: string) => ({
    key: b64u(key),
    ciphertext,
    expect: 'open',
    header: fields,
    text,
  })
  return {
    format: 'sotto-messages-ecdh/1',
    about: [
      'PROTOCOL.md section 7. The reader has `own` and knows `peer` (SPKI); `direction` is `receiving` for messages',
      'of the peer and `sending` for those of the own devices. `key` is what is derived: MAC key, then encryption key.',
      '`open` must give `header` and `text`; `refuse` must end in `cannot_decrypt`.',
    ].join(' '),
    cases: [
      { id: 'to-bob', ...bob, direction: 'receiving', ...opened(toBob, good, header, TEXT) },
      { id: 'own-copy', ...alice, direction: 'sending', ...opened(toBob, good, header, TEXT) },
      {
        id: 'to-alice',
        ...alice,
        direction: 'receiving',
        ...opened(toAlice, answered, reply, 'at dusk'),
      },
      { id: 'read-as-own', ...bob, direction: 'sending', ciphertext: good, expect: 'refuse' },
      {
        id: 'asked-for-other-conversation',
        ...bob,
        conversation: ids.otherConversation,
        direction: 'receiving',
        ciphertext: good,
        expect: 'refuse',
      },
      ...refusals().map(([id, ciphertext]) => ({
        id,
        ...bob,
        direction: 'receiving',
        ciphertext,
        expect: 'refuse',
      })),
    ],
  }
}
