import { z } from 'zod'
import { decodeBase64url } from '../../src/base64url.ts'
import { concat, equalBytes, utf8 } from '../../src/bytes.ts'
import { importEd25519, signEd25519, verifyEd25519 } from '../../src/identity/ed25519.ts'
import { checkEncrypted, OUTSIDE_THE_PROTOCOLS } from './encrypted-tokens.ts'
import type { Jwk } from './jwk-keys.ts'
import { isRefusedAsAccessToken, NOT_AN_ACCESS_TOKEN } from './signed-tokens.ts'
import { countReasons, hex, type ReadSuite, type VectorCase } from './suite.ts'

const Key = z.record(z.string(), z.unknown()).transform((key) => key as Jwk)
const Example = z.object({
  input: z.object({ key: z.union([z.array(Key), Key.transform((key) => [key])]).default([]) }),
  signing: z.unknown().optional(),
  output: z.record(z.string(), z.unknown()),
})
type Example = z.infer<typeof Example>

/** The prefix of the seed (PROTOCOL.md §2). */
const PKCS8_PREFIX = hex('302e020100300506032b657004220420')

const File = z.object({
  cases: z.array(z.object({ id: z.string(), case: z.looseObject({}) })).min(1),
})

/** `jose-cookbook/`: the worked examples of RFC 7520. */
export const readCookbook: ReadSuite = (content) => {
  const file = File.safeParse(content)
  if (!file.success || !file.data.cases.every(({ id }) => id.endsWith('.json'))) return undefined
  const notes: string[] = []
  const cases = file.data.cases.flatMap(({ id, case: one }): VectorCase[] => {
    if ('kty' in one) {
      notes.push(
        'not applicable: keys alone; the product reads a JWK only between its own services',
      )
      return []
    }
    const isEncrypted = 'encrypting_content' in one || 'encrypting_key' in one
    return casesOf(id, Example.parse(one), isEncrypted, notes)
  })
  return { cases, notes: countReasons(notes) }
}

function casesOf(
  id: string,
  example: Example,
  isEncrypted: boolean,
  notes: string[],
): VectorCase[] {
  const keys = example.input.key
  const cases = Object.entries(example.output).map(([form, token]): VectorCase => {
    const name = `${id} ${form}`
    if (!isEncrypted) return { name, check: () => isRefusedAsAccessToken(keys, token) }
    const text = typeof token === 'string' ? token : JSON.stringify(token)
    return { name, check: () => checkEncrypted(keys, text, null) }
  })
  notes.push(...cases.map(() => (isEncrypted ? OUTSIDE_THE_PROTOCOLS : NOT_AN_ACCESS_TOKEN)))
  const [key] = keys
  if (isEncrypted || key?.crv !== 'Ed25519') return cases
  return [...cases, { name: `${id} signature`, check: () => checkEd25519(key, example) }]
}

/** Verifies the signature and reproduces it, because Ed25519 is deterministic. */
async function checkEd25519(key: Jwk, { signing }: Example): Promise<boolean> {
  const Signing = z.object({ 'sig-input': z.string(), sig: z.string() })
  const { 'sig-input': signed, sig } = Signing.parse(signing)
  const input = utf8(signed)
  const signature = decodeBase64url(sig)
  const { x = '', d = '' } = key
  const pair = await importEd25519(concat(PKCS8_PREFIX, decodeBase64url(d)))
  const isKey = equalBytes(pair.publicKey, decodeBase64url(x))
  const isVerified = await verifyEd25519(pair.publicKey, signature, input)
  return isKey && isVerified && equalBytes(await signEd25519(pair.privateKey, input), signature)
}
