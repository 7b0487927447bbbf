import { verifyClaims } from '@sotto/service-runtime'
import type { JSONWebKeySet } from 'jose'
import { z } from 'zod'
import { decodeBase64url } from '../../src/base64url.ts'
import { checkEncrypted } from './encrypted-tokens.ts'
import { countReasons, isRefused, type ReadSuite, type VectorCase } from './suite.ts'

const Case = z.object({
  id: z.string(),
  feature: z.string(),
  key: z.string(),
  expect: z.enum(['accept', 'reject']),
  token: z.unknown(),
  pt_b64url: z.string().optional(),
})
type Case = z.infer<typeof Case>

const File = z.object({
  policy: z.object({
    jwt: z.object({
      iss: z.string(),
      aud: z.string(),
      now: z.number(),
      jwks: z.object({ keys: z.array(z.record(z.string(), z.unknown())) }),
    }),
  }),
  keys: z.record(z.string(), z.record(z.string(), z.string())),
  cases: z.array(Case),
})
type File = z.infer<typeof File>

/**
 * `jose-fresh.json`: runs JWE of protocol `rsa` through the product's decryption, and access tokens
 * through its verifier.
 */
export const readJoseFresh: ReadSuite = (content) => {
  const file = File.safeParse(content)
  if (!file.success) return undefined
  const notRun: string[] = []
  const cases = file.data.cases.flatMap((one): VectorCase[] => {
    const check = checkOf(file.data, one)
    if (check) return [{ name: one.id, check }]
    notRun.push(`not applicable: ${one.feature} is not in the policy`)
    return []
  })
  return { cases, notes: countReasons(notRun) }
}

function checkOf(file: File, one: Case): (() => Promise<boolean>) | undefined {
  if (one.feature.startsWith('jwt-')) return () => checkAccessToken(file, one)
  const isOurs = one.feature.startsWith('b-') || one.expect === 'reject'
  return isOurs ? () => checkJwe(file, one) : undefined
}

async function checkAccessToken({ policy: { jwt } }: File, one: Case): Promise<boolean> {
  const policy = {
    keys: jwt.jwks as unknown as JSONWebKeySet,
    issuer: jwt.iss,
    audience: jwt.aud,
    now: jwt.now * 1000,
  }
  const verify = () => verifyClaims(one.token, policy)
  if (one.expect === 'reject') return isRefused(verify)
  return (await verify()).sub !== ''
}

async function checkJwe(file: File, one: Case): Promise<boolean> {
  const token = typeof one.token === 'string' ? one.token : JSON.stringify(one.token)
  const key = file.keys[one.key]
  const expected = one.expect === 'accept' ? decodeBase64url(one.pt_b64url ?? '') : null
  return checkEncrypted(key ? [key] : [], token, expected)
}
