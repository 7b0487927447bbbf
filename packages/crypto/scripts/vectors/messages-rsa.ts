import { encode, type Header, header } from './contents.ts'
import { SMALL, signUnderSmallKey, signWithoutNonce } from './crafted-signatures.ts'
import { devices, identity, ids, rsa, tagOf } from './people.ts'
import { b64u, context, type SigningKey, signWith, utf8 } from './primitives.ts'
import { type Jwe, type RsaKey, sealJwe } from './rsa-primitives.ts'

/** `sotto/messages-rsa.json` (PROTOCOL.md §8). */

const TEXT = 'the canary sings at dawn'
const aadOf = (conversation: string) => context('rsa message', conversation)

interface Plan {
  readonly keys: readonly RsaKey[]
  readonly aad: Buffer | undefined
  /** The header's list of recipients, if it is false. */
  readonly named: readonly string[] | undefined
  readonly device: SigningKey
  /** Overrides signing with the device's key. */
  readonly sign?: (covered: Buffer) => Buffer | undefined
  readonly signed: string
  readonly fields: Header
  readonly text: string
}

const toBob: Plan = {
  keys: [rsa.bob, rsa.alice],
  aad: aadOf(ids.conversation),
  named: undefined,
  device: devices.alice,
  signed: 'sotto/1 rsa content',
  fields: header,
  text: TEXT,
}

const fieldsOf = ({ fields, keys, named }: Plan) => ({
  ...fields,
  recipients: named ?? keys.map(({ kid }) => kid),
})

function seal(label: string, changes: Partial<Plan> = {}): Jwe {
  const plan = { ...toBob, ...changes }
  const content = encode(fieldsOf(plan), plan.text)
  const covered = Buffer.concat([utf8(plan.signed), Buffer.alloc(1), content])
  const signature = plan.sign?.(covered) ?? signWith(plan.device, covered)
  return sealJwe(label, plan.keys, plan.aad, Buffer.concat([signature, content]))
}

/** A message that anyone can sign for a device key of small order. */
function sealUnderSmallKey(sentAt = header.sentAt): Jwe {
  let isSigned = false
  const sign = (covered: Buffer) => {
    const signature = signUnderSmallKey(SMALL.order2, devices.mallory, covered)
    isSigned = signature !== undefined
    return signature
  }
  const jwe = seal('small', { sign, fields: { ...header, sentAt } })
  return isSigned ? jwe : sealUnderSmallKey(sentAt + 1)
}

const flip = (text: string): string => {
  const bytes = Buffer.from(text, 'base64url')
  bytes[0] = (bytes[0] ?? 0) ^ 1
  return b64u(bytes)
}

/** Correctly sealed messages with a wrong sender, recipient or conversation. */
function wrongMessages(): [id: string, jwe: object][] {
  const kids = [rsa.bob.kid, rsa.alice.kid]
  return [
    ['aad-missing', seal('aad-missing', { aad: undefined })],
    ['aad-empty', seal('aad-empty', { aad: Buffer.alloc(0) })],
    ['aad-of-other-conversation', seal('aad', { aad: aadOf(ids.otherConversation) })],
    ['aad-with-more', seal('aad', { aad: Buffer.concat([aadOf(ids.conversation), utf8('x')]) })],
    ['sender-missing', seal('sender-missing', { keys: [rsa.bob] })],
    ['order-swapped', seal('swapped', { keys: [rsa.alice, rsa.bob] })],
    ['third-recipient', seal('third', { keys: [rsa.bob, rsa.alice, rsa.mallory] })],
    ['sender-is-another', seal('another', { keys: [rsa.bob, rsa.mallory] })],
    ['both-of-recipient', seal('both', { keys: [rsa.bob, rsa.bobBefore] })],
    ['header-names-no-recipients', seal('named', { named: [] })],
    ['header-names-swapped', seal('named', { named: kids.toReversed() })],
    ['header-names-another', seal('named', { named: [rsa.bob.kid, rsa.mallory.kid] })],
    ['header-names-a-third', seal('named', { named: [...kids, rsa.mallory.kid] })],
    ['signed-by-other-device', seal('device', { device: devices.mallory })],
    ['signed-by-identity-key', seal('device', { device: identity.alice })],
    [
      'signature-with-r-of-small-order',
      seal('r', { sign: (covered) => signWithoutNonce(devices.alice, SMALL.identity, covered) }),
    ],
    ['signed-for-something-else', seal('signed', { signed: 'sotto/1 rsa message' })],
  ]
}

/** A valid message, changed in transit. */
function alteredMessages(): [id: string, jwe: object][] {
  const good = seal('to-bob')
  const [bob, alice] = good.recipients
  if (!bob || !alice) throw new Error('two recipients')
  const keysSwapped = [
    { ...bob, encrypted_key: alice.encrypted_key },
    { ...alice, encrypted_key: bob.encrypted_key },
  ]
  const zip = b64u(utf8('{"enc":"A256GCM","zip":"DEF"}'))
  const withAlg = (alg: string) => [{ ...bob, header: { ...bob.header, alg } }, alice]
  return [
    ['tag-bit', { ...good, tag: flip(good.tag) }],
    ['iv-bit', { ...good, iv: flip(good.iv) }],
    ['ciphertext-bit', { ...good, ciphertext: flip(good.ciphertext) }],
    [
      'encrypted-key-bit',
      { ...good, recipients: [{ ...bob, encrypted_key: flip(bob.encrypted_key) }, alice] },
    ],
    ['encrypted-keys-swapped', { ...good, recipients: keysSwapped }],
    ['entry-repeated', { ...good, recipients: [bob, bob] }],
    ['sender-entry-removed', { ...good, recipients: [bob] }],
    ['aad-removed', { ...good, aad: undefined }],
    ['unprotected-member', { ...good, unprotected: {} }],
    ['unknown-member', { ...good, extra: 1 }],
    ['protected-with-zip', { ...good, protected: zip }],
    ['protected-with-blank', { ...good, protected: b64u(utf8('{ "enc":"A256GCM"}')) }],
    ['alg-rsa-oaep', { ...good, recipients: withAlg('RSA-OAEP') }],
    ['alg-rsa1-5', { ...good, recipients: withAlg('RSA1_5') }],
    ['tag-short', { ...good, tag: good.tag.slice(0, 16) }],
    ['tag-padded', { ...good, tag: `${good.tag}==` }],
    ['no-recipients', { ...good, recipients: [] }],
  ]
}

const kidsOf = (keys: readonly RsaKey[]) => keys.map(({ kid }) => kid)
const readerBob = {
  conversation: ids.conversation,
  keys: ['bob', 'bobBefore'],
  deviceKey: devices.alice.shown.publicKey,
  recipientKids: kidsOf([rsa.bob, rsa.bobBefore]),
  senderKids: kidsOf([rsa.alice]),
}
const readerAlice = { ...readerBob, keys: ['alice'] }

function opened(id: string, reader: object, label: string, changes: Partial<Plan> = {}) {
  const plan = { ...toBob, ...changes }
  const ciphertext = JSON.stringify(seal(label, changes))
  const content = { header: fieldsOf(plan), text: plan.text }
  return { id, ...reader, ciphertext, expect: 'open', ...content }
}

function openCases() {
  const reply: Partial<Plan> = {
    keys: [rsa.alice, rsa.bob],
    device: devices.bob,
    fields: {
      ...header,
      account: ids.bob,
      device: ids.bobDevice,
      to: tagOf(ids.alice, identity.alice.publicKey),
      skipped: [1],
      counter: 2,
    },
    text: 'at dusk',
  }
  const answered = {
    ...readerAlice,
    deviceKey: devices.bob.shown.publicKey,
    recipientKids: kidsOf([rsa.alice]),
    senderKids: kidsOf([rsa.bob, rsa.bobBefore]),
  }
  return [
    opened('to-bob', readerBob, 'to-bob'),
    opened('own-copy', readerAlice, 'to-bob'),
    opened('to-alice', answered, 'to-alice', reply),
    opened('to-a-past-key', readerBob, 'past', { keys: [rsa.bobBefore, rsa.alice] }),
  ]
}

export function rsaMessageVectors() {
  const good = JSON.stringify(seal('to-bob'))
  const refuse = (id: string, ciphertext: string, changes: object = {}) => ({
    id,
    ...readerBob,
    ...changes,
    ciphertext,
    expect: 'refuse',
  })
  return {
    format: 'sotto-messages-rsa/1',
    about: [
      'PROTOCOL.md section 8. The reader asked for `conversation`, has those of `keys` that a case names, and has verified `deviceKey` of the sending device',
      'and the `kid`s of all RSA keys that both accounts have published. `open` must give `header` and `text`;',
      '`refuse` must end in `cannot_decrypt`.',
    ].join(' '),
    keys: {
      alice: rsa.alice.shown,
      bob: rsa.bob.shown,
      bobBefore: rsa.bobBefore.shown,
      mallory: rsa.mallory.shown,
    },
    devices: { alice: devices.alice.shown, bob: devices.bob.shown, mallory: devices.mallory.shown },
    cases: [
      ...openCases(),
      refuse('asked-for-other-conversation', good, { conversation: ids.otherConversation }),
      refuse('other-device-key', good, { deviceKey: devices.bob.shown.publicKey }),
      refuse('recipient-not-published', good, { recipientKids: [rsa.bobBefore.kid] }),
      refuse('sender-not-published', good, { senderKids: [rsa.mallory.kid] }),
      refuse('no-key-of-reader', good, { keys: ['mallory'] }),
      refuse('duplicate-member', good.replace('{', '{"tag":"AAAAAAAAAAAAAAAAAAAAAA",')),
      refuse('device-key-of-small-order', JSON.stringify(sealUnderSmallKey()), {
        deviceKey: b64u(SMALL.order2),
      }),
      refuse('not-json', good.slice(0, -1)),
      refuse('compact', `${JSON.parse(good).protected}.AA.AA.AA.AA`),
      ...wrongMessages().map(([id, jwe]) => refuse(id, JSON.stringify(jwe))),
      ...alteredMessages().map(([id, jwe]) => refuse(id, JSON.stringify(jwe))),
    ],
  }
}
