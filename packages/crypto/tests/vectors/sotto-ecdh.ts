import { ConversationId } from '@sotto/wire'
import { z } from 'zod'
import { decodeBase64url } from '../../src/base64url.ts'
import { decryptEcdh } from '../../src/ecdh/decrypt.ts'
import { importEcdhKeyPair } from '../../src/ecdh/key-pair.ts'
import { derivePairwiseKeys } from '../../src/ecdh/pairwise-keys.ts'
import { DecryptError } from '../../src/errors.ts'
import { ecPkcs8Of } from './jwk-keys.ts'
import { gives, isRefused, type ReadSuite } from './suite.ts'

const Case = z.object({
  id: z.string(),
  receiverPrivateKey: z.record(z.string(), z.string()),
  receiverSpki: z.string(),
  senderSpki: z.string(),
  conversationId: ConversationId,
  token: z.string(),
  expect: z.enum(['open', 'refuse']),
  plaintext: z.string().optional(),
})
const File = z.object({ about: z.string().startsWith('Protocol ecdh'), cases: z.array(Case) })

/** `sotto-ecdh.json`: the key derivation and the envelope of protocol `ecdh`. */
export const readSottoEcdh: ReadSuite = (content) => {
  const file = File.safeParse(content)
  if (!file.success) return undefined
  const cases = file.data.cases.map((one) => ({ name: one.id, check: () => check(one) }))
  return { cases, notes: [] }
}

async function check(one: z.infer<typeof Case>): Promise<boolean> {
  const pkcs8 = await ecPkcs8Of(one.receiverPrivateKey)
  const own = await importEcdhKeyPair(decodeBase64url(one.receiverSpki), pkcs8)
  const peer = decodeBase64url(one.senderSpki)
  const { receiving } = await derivePairwiseKeys(own, peer, one.conversationId)
  const open = () => decryptEcdh(receiving, one.token)
  if (one.expect === 'refuse') return isRefused(open, DecryptError)
  return gives(open, decodeBase64url(one.plaintext ?? ''))
}
