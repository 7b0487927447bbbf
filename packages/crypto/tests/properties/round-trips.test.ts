import { ConversationId } from '@sotto/wire'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { utf8, utf8Length } from '../../src/bytes.ts'
import {
  type AccountKeys,
  type Content,
  decodeBase64url,
  decodeContent,
  decryptEcdh,
  decryptRsa,
  derivePairwiseKeys,
  encodeBase64url,
  encodeContent,
  encryptEcdh,
  encryptRsa,
  generateRecoveryCode,
  generateRootSecret,
  importRsaPublicKey,
  openBox,
  parseRecoveryCode,
  sealBox,
  unwrapRootSecret,
  wrapRootSecret,
} from '../../src/index.ts'
import { bytesOf } from '../../src/recovery/root-secret.ts'
import { readDer, readInteger, writeDer, writeInteger } from '../../src/rsa/der.ts'
import { alice, newKeys } from '../people.ts'
import { bytes, exportKeys, headers, id, runs, text } from './arbitraries.ts'

let own: AccountKeys
let peer: AccountKeys

beforeAll(async () => {
  own = await newKeys({ withRsa: true })
  peer = await newKeys({ withRsa: true })
})

const content: fc.Arbitrary<Content> = fc.tuple(headers, text).map(([header, one]) => ({
  ...header,
  text: one,
}))

test('the computed length of a text matches its encoded length', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (one) => {
      expect(utf8Length(one)).toBe(utf8(one).length)
    }),
    runs(500),
  )
})

test('base64url', () => {
  fc.assert(
    fc.property(bytes(), (one) => {
      const encoded = encodeBase64url(one)
      expect(encoded).toBe(Buffer.from(one).toString('base64url'))
      expect(decodeBase64url(encoded)).toEqual(one)
    }),
    runs(200),
  )
})

test('any text is either the only encoding of its bytes or rejected', () => {
  const almost = fc.string({ unit: fc.constantFrom(...'ABab01-_=+/ \n'), maxLength: 12 })
  fc.assert(
    fc.property(almost, (one) => {
      try {
        expect(encodeBase64url(decodeBase64url(one))).toBe(one)
      } catch (error) {
        expect(error).toMatchObject({ code: 'bad_encoding' })
      }
    }),
    runs(500),
  )
})

test('content', () => {
  fc.assert(
    fc.property(content, (one) => {
      expect(decodeContent(encodeContent(one))).toEqual(one)
    }),
    runs(100),
  )
})

test('ecdh', async () => {
  const property = fc.asyncProperty(bytes(), id, async (plaintext, conversation) => {
    const at = ConversationId.parse(conversation)
    const sending = await derivePairwiseKeys(own.ecdh[0], peer.ecdh[0].publicKey, at)
    const receiving = await derivePairwiseKeys(peer.ecdh[0], own.ecdh[0].publicKey, at)
    const jwe = await encryptEcdh(sending, plaintext)
    expect(await decryptEcdh(receiving.receiving, jwe)).toEqual(plaintext)
  })
  await fc.assert(property, runs(50))
})

test('rsa', async () => {
  const keys = [...peer.rsa, ...own.rsa]
  const recipients = await Promise.all(keys.map(({ publicKey }) => importRsaPublicKey(publicKey)))
  const property = fc.asyncProperty(bytes(), async (plaintext) => {
    const jwe = await encryptRsa(plaintext, recipients)
    expect((await decryptRsa(own.rsa, jwe)).plaintext).toEqual(plaintext)
    expect((await decryptRsa(peer.rsa, jwe)).plaintext).toEqual(plaintext)
  })
  await fc.assert(property, runs(15))
})

test('boxes and wraps', async () => {
  const property = fc.asyncProperty(
    bytes(),
    exportKeys,
    fc.nat(),
    async (one, exportKey, version) => {
      const rootSecret = generateRootSecret()
      const place = { account: alice, name: 'contacts' } as const
      const box = await sealBox(rootSecret, place, version, one)
      const opener = { kind: 'password', exportKey } as const
      const wrap = await wrapRootSecret(rootSecret, opener, alice)
      const unwrapped = await unwrapRootSecret(wrap, opener, alice)
      expect(await openBox(unwrapped, place, box)).toEqual(one)
      expect(bytesOf(unwrapped)).toEqual(bytesOf(rootSecret))
    },
  )
  await fc.assert(property, runs(50))
})

test('recovery codes', async () => {
  const typing = fc.array(fc.constantFrom('lower', 'blanks', 'together', 'letters'))
  const property = fc.asyncProperty(typing, async (habits) => {
    const code = await generateRecoveryCode()
    let typed: string = code
    if (habits.includes('lower')) typed = typed.toLowerCase()
    if (habits.includes('blanks')) typed = ` ${typed.replaceAll('-', '  ')}`
    if (habits.includes('together')) typed = typed.replaceAll('-', '')
    if (habits.includes('letters')) typed = typed.replaceAll('0', 'o').replaceAll('1', 'L')
    expect(await parseRecoveryCode(typed)).toBe(code)
  })
  await fc.assert(property, runs(100))
})

test('a mistyped character in a recovery code is nearly always detected', async () => {
  const places = fc.record({
    index: fc.nat(38),
    by: fc.constantFrom(...'0123456789ABCDEFGHJKMNPQRSTVWXYZ'),
  })
  let unnoticed = 0
  const property = fc.asyncProperty(places, async ({ index, by }) => {
    const code = await generateRecoveryCode()
    fc.pre(code[index] !== '-' && code[index] !== by)
    const mistyped = code.slice(0, index) + by + code.slice(index + 1)
    await parseRecoveryCode(mistyped).then(
      () => unnoticed++,
      () => {},
    )
  })
  const { numRuns } = runs(400)
  await fc.assert(property, { numRuns })
  expect(unnoticed).toBeLessThan(numRuns / 50) // one in a thousand is expected
})

test('DER', () => {
  fc.assert(
    fc.property(fc.nat(255), bytes(70_000), fc.maxSafeNat(), (tag, one, number) => {
      expect(readDer(writeDer(tag, one))).toEqual([{ tag, content: one }])
      const small = number % 2 ** 40
      expect(readInteger(readDer(writeInteger(small))[0])).toBe(small)
    }),
    runs(50),
  )
})
