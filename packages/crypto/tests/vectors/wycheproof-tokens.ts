import { z } from 'zod'
import { checkEncrypted, isOurForm, OUTSIDE_THE_PROTOCOLS } from './encrypted-tokens.ts'
import type { Jwk } from './jwk-keys.ts'
import { isRefusedAsAccessToken, NOT_AN_ACCESS_TOKEN } from './signed-tokens.ts'
import { hex } from './suite.ts'
import type { Group, ReadCase, Test } from './wycheproof.ts'

const Key = z.record(z.string(), z.unknown()).transform((key) => key as Jwk)
/** A key or a set of keys. */
const Keys = z.union([
  z.object({ keys: z.array(Key) }).transform(({ keys }) => keys),
  Key.transform((key) => [key]),
])
const KeysOfGroup = z.object({ private: Keys.optional(), public: Keys.optional() })
const Token = z.union([
  z.string(),
  z.record(z.string(), z.unknown()).transform((token) => JSON.stringify(token)),
])

/** `json_web_encryption`, `json_web_signature`, `json_web_key` and `json_web_crypto`. */
export function readToken(group: Group, test: Test): ReadCase {
  const keys = KeysOfGroup.parse(group)
  const jwe = Token.safeParse(test.jwe)
  if (jwe.success) return readJwe(keys.private ?? [], jwe.data, test)
  if (test.jws !== undefined) return readJws(keys.public ?? keys.private ?? [], test)
  return { notApplicable: `no part of the product reads ${group.type}` }
}

function readJwe(keys: readonly Jwk[], token: string, test: Test): ReadCase {
  const isValid = test.result === 'valid'
  const opens = isValid && isOurForm(token)
  const expected = opens ? hex(z.string().parse(test.pt)) : null
  const check = () => checkEncrypted(keys, token, expected)
  return isValid && !opens ? { check, remark: OUTSIDE_THE_PROTOCOLS } : { check }
}

function readJws(keys: readonly Jwk[], test: Test): ReadCase {
  const check = () => isRefusedAsAccessToken(keys, test.jws)
  return test.result === 'valid' ? { check, remark: NOT_AN_ACCESS_TOKEN } : { check }
}
