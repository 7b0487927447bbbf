import { createHash } from 'node:crypto'
import { identity, ids, tagOf } from './people.ts'
import { context, type SigningKey } from './primitives.ts'

/** `sotto/identities.json`: safety numbers and recipient tags (PROTOCOL.md §5.2, §6.2). */

function half(account: string, key: Buffer): string {
  let hash = context('safety number', account, key)
  for (let i = 0; i < 5200; i++) hash = createHash('sha512').update(hash).update(key).digest()
  const groups = Array.from({ length: 6 }, (_, i) => hash.readUIntBE(5 * i, 5) % 100_000)
  return groups.map((group) => String(group).padStart(5, '0')).join('')
}

interface Party {
  readonly account: string
  readonly key: SigningKey
}

const shown = ({ account, key }: Party) => ({ account, identityKey: key.shown.publicKey })

function number(id: string, own: Party, other: Party) {
  const halves = [own, other].map(({ account, key }) => half(account, key.publicKey)).sort()
  const digits = halves.join('')
  return { id, parties: [shown(own), shown(other)], digits, qr: `sotto:safety:1:${digits}` }
}

export function identityVectors() {
  const alice = { account: ids.alice, key: identity.alice }
  const bob = { account: ids.bob, key: identity.bob }
  const swapped = { account: ids.bob, key: identity.mallory }
  return {
    format: 'sotto-identities/1',
    about: [
      'PROTOCOL.md sections 5.2 and 6.2. Safety numbers: `digits` and `qr` of the two `parties`.',
      'Recipient tags: `tag` names `account` under `identityKey`.',
    ].join(' '),
    safetyNumbers: [
      number('alice-and-bob', alice, bob),
      number('bob-and-alice', bob, alice),
      number('another-key', alice, swapped),
      number('own-account', alice, alice),
    ],
    recipientTags: [alice, bob, swapped].map(({ account, key }) => ({
      id: `${account.slice(0, 8)}-${key.shown.publicKey.slice(0, 6)}`,
      ...shown({ account, key }),
      tag: tagOf(account, key.publicKey),
    })),
  }
}
