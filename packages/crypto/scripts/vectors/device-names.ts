import { ids } from './people.ts'
import { b64u, context, fixedBytes, hkdf, idBytes, sealGcm, utf8 } from './primitives.ts'

/** `sotto/device-names.json` (PROTOCOL.md §4.6). */

const PADDED_BYTES = 200
const rootSecret = fixedBytes('root secret', 32)
const otherRootSecret = fixedBytes('another root secret', 32)

/** The name of Alice's device as its credential contains it. */
export function sealedNameOf(label: string, name: string): string {
  return b64u(sealPadded(label, padded(utf8(name))))
}

function padded(name: Buffer): Buffer {
  return Buffer.concat([Buffer.from([name.length]), name], PADDED_BYTES)
}

function sealPadded(label: string, plaintext: Buffer): Buffer {
  const info = context('device name', ids.alice, idBytes(ids.aliceDevice))
  const key = hkdf('sha256', rootSecret, info, 32)
  return sealGcm(key, fixedBytes(`iv of the name ${label}`, 12), info, plaintext)
}

const names: readonly [id: string, name: string][] = [
  ['one-character', 'x'],
  ['usual', 'Kitchen tablet'],
  ['several-scripts', 'Zoës Tablet 台所 👩‍🚀'],
  ['192-bytes', '台'.repeat(64)],
]

/** Plaintexts that are sealed correctly but are not valid device names. */
function badPlaintexts(): readonly [id: string, plaintext: Buffer][] {
  const good = padded(utf8('Kitchen tablet'))
  const withByte = (at: number, byte: number) => {
    const changed = Buffer.from(good)
    changed[at] = byte
    return changed
  }
  return [
    ['empty', padded(utf8(''))],
    ['65-characters', padded(utf8('a'.repeat(65)))],
    ['length-beyond-the-end', withByte(0, 200)],
    ['length-too-small', withByte(0, 13)],
    ['length-too-large', withByte(0, 15)],
    ['padding-not-zero', withByte(PADDED_BYTES - 1, 1)],
    ['199-bytes', good.subarray(0, -1)],
    ['201-bytes', Buffer.concat([good, Buffer.alloc(1)])],
    ['not-utf8', padded(Buffer.from('4bff74', 'hex'))],
    ['byte-order-mark', padded(utf8('\ufeffKitchen tablet'))],
    ['line-break', padded(utf8('Kitchen\ntablet'))],
    ['direction-override', padded(utf8('Kitchen \u202etablet'))],
    ['blank-at-the-end', padded(utf8('Kitchen tablet '))],
    ['invisible', padded(utf8('\u200b'))],
  ]
}

export function deviceNameVectors() {
  const place = { account: ids.alice, device: ids.aliceDevice, rootSecret: b64u(rootSecret) }
  const bytes = sealPadded('usual', padded(utf8('Kitchen tablet')))
  const flipped = Buffer.from(bytes)
  flipped[20] = (flipped[20] ?? 0) ^ 1
  const right = { ...place, sealedName: b64u(bytes) }
  const wrong: [string, typeof right][] = [
    ['other-account', { ...right, account: ids.bob }],
    ['other-device', { ...right, device: ids.bobDevice }],
    ['other-root-secret', { ...right, rootSecret: b64u(otherRootSecret) }],
    ['bit-flipped', { ...right, sealedName: b64u(flipped) }],
    ['truncated', { ...right, sealedName: b64u(bytes.subarray(0, -1)) }],
    ['shorter-than-iv-and-tag', { ...right, sealedName: b64u(bytes.subarray(0, 27)) }],
    ['padded-base64url', { ...right, sealedName: `${right.sealedName}=` }],
  ]
  return {
    format: 'sotto-device-names/1',
    about: [
      'PROTOCOL.md section 4.6. `open` must give `name`; `sealedName` always has 304 characters.',
      '`refuse` must end in `cannot_decrypt`, whatever the cause.',
    ].join(' '),
    cases: [
      ...names.map(([id, name]) => ({
        id,
        ...place,
        sealedName: sealedNameOf(id, name),
        expect: 'open',
        name,
      })),
      ...wrong.map(([id, attempt]) => ({ id, ...attempt, expect: 'refuse' })),
      ...badPlaintexts().map(([id, plaintext]) => ({
        id,
        ...place,
        sealedName: b64u(sealPadded(id, plaintext)),
        expect: 'refuse',
      })),
    ],
  }
}
