import { AccountId, ConversationId } from '@sotto/wire'
import { z } from 'zod'
import { decodeBase64url, encodeBase64url } from '../../src/base64url.ts'
import { type Bytes, concat, equalBytes, sha256 } from '../../src/bytes.ts'
import { type Content, decodeContent, encodeContent } from '../../src/content.ts'
import { importEcdhKeyPair } from '../../src/ecdh/key-pair.ts'
import { openMessageEcdh } from '../../src/ecdh/message.ts'
import { derivePairwiseKeys } from '../../src/ecdh/pairwise-keys.ts'
import { recipientTag } from '../../src/identity/recipient-tag.ts'
import { safetyNumber, safetyQr } from '../../src/identity/safety-number.ts'
import { importRsaKeyPair } from '../../src/rsa/key-pair.ts'
import { openMessageRsa } from '../../src/rsa/message.ts'
import { isRefusedAs, isSame, type ReadSuite, suiteOf } from './suite.ts'

/** Identities, content and messages of both protocols. */

const bytes = z.string().transform(decodeBase64url)
const Party = z.object({ account: AccountId, identityKey: z.string() })
const IdentityFile = z.object({
  format: z.literal('sotto-identities/1'),
  safetyNumbers: z.array(
    z.object({
      id: z.string(),
      parties: z.tuple([Party, Party]),
      digits: z.string(),
      qr: z.string(),
    }),
  ),
  recipientTags: z.array(Party.extend({ id: z.string(), tag: z.string() })),
})

/** `sotto/identities.json`. */
export const readIdentities: ReadSuite = (content) => {
  const file = IdentityFile.safeParse(content)
  if (!file.success) return undefined
  const { safetyNumbers, recipientTags } = file.data
  const numbers = safetyNumbers.map(({ id, parties, digits, qr }) => ({
    name: id,
    check: async () => (await safetyNumber(...parties)) === digits && safetyQr(digits) === qr,
  }))
  const tags = recipientTags.map(({ id, account, identityKey, tag }) => ({
    name: id,
    check: async () => (await recipientTag(account, identityKey)) === tag,
  }))
  return { cases: [...numbers, ...tags], notes: [] }
}

const Text = z.union([z.string(), z.object({ repeat: z.string(), times: z.int() })])
const textOf = (text: z.infer<typeof Text>) =>
  typeof text === 'string' ? text : text.repeat.repeat(text.times)

/** The header is compared with the decoded one, so its members need no check here. */
const Fields = z.record(z.string(), z.unknown())
const Parts = z.array(z.union([bytes, z.object({ byte: z.int(), times: z.int() })]))

const ContentCase = z.object({
  id: z.string(),
  expect: z.enum(['accept', 'refuse']),
  bytes: Parts,
  header: Fields.optional(),
  text: Text.optional(),
  canonical: z.boolean().optional(),
  sha256: z.string().optional(),
})
const ContentFile = z.object({
  format: z.literal('sotto-contents/1'),
  cases: z.array(ContentCase),
})

/** `sotto/contents.json`. */
export const readContents: ReadSuite = (content) =>
  suiteOf(ContentFile, content, async (_, one) => {
    const whole = wholeOf(one.bytes)
    if (one.expect === 'refuse')
      return isRefusedAs(async () => decodeContent(whole), 'cannot_decrypt')
    const expected = { ...one.header, text: textOf(one.text ?? '') }
    const isRead = isSame(decodeContent(whole), expected)
    if (one.canonical === false) return isRead
    const isWritten = equalBytes(encodeContent(expected as unknown as Content), whole)
    return isRead && isWritten && encodeBase64url(await sha256(whole)) === one.sha256
  })

function wholeOf(parts: z.infer<typeof Parts>): Bytes {
  return concat(
    ...parts.map((part) =>
      part instanceof Uint8Array ? part : new Uint8Array(part.times).fill(part.byte),
    ),
  )
}

const Outcome = {
  id: z.string(),
  ciphertext: z.string(),
  expect: z.enum(['open', 'refuse']),
  header: Fields.optional(),
  text: z.string().optional(),
}

/** Whether `open` yields the content of the case, or rejects as it must. */
async function ends(
  { expect, header, text }: { expect: 'open' | 'refuse'; header?: unknown; text?: unknown },
  open: () => Promise<Content>,
): Promise<boolean> {
  if (expect === 'refuse') return isRefusedAs(open, 'cannot_decrypt')
  return isSame(await open(), { ...(header as object), text })
}

const EcdhCase = z.object({
  ...Outcome,
  own: z.object({ pkcs8: bytes, spki: bytes }),
  peer: bytes,
  conversation: ConversationId,
  direction: z.enum(['receiving', 'sending']),
})
const EcdhFile = z.object({
  format: z.literal('sotto-messages-ecdh/1'),
  cases: z.array(EcdhCase),
})

/** `sotto/messages-ecdh.json`. */
export const readEcdhMessages: ReadSuite = (content) =>
  suiteOf(EcdhFile, content, async (_, one) => {
    const own = await importEcdhKeyPair(one.own.spki, one.own.pkcs8)
    const keys = await derivePairwiseKeys(own, one.peer, one.conversation)
    return ends(one, () => openMessageEcdh(keys[one.direction], one.ciphertext))
  })

const RsaCase = z.object({
  ...Outcome,
  conversation: ConversationId,
  keys: z.array(z.string()),
  deviceKey: bytes,
  recipientKids: z.array(z.string()),
  senderKids: z.array(z.string()),
})
const RsaFile = z.object({
  format: z.literal('sotto-messages-rsa/1'),
  keys: z.record(z.string(), z.object({ pkcs8: bytes, spki: bytes })),
  cases: z.array(RsaCase),
})

/** `sotto/messages-rsa.json`. */
export const readRsaMessages: ReadSuite = (content) =>
  suiteOf(RsaFile, content, async (file, one) => {
    const named = one.keys.map((name) => {
      const key = file.keys[name]
      if (!key) throw new Error(`no key ${name}`)
      return importRsaKeyPair({ publicKey: key.spki, privateKey: key.pkcs8 })
    })
    const reader = {
      conversation: one.conversation,
      keys: await Promise.all(named),
      devicePublicKey: one.deviceKey,
      recipientKids: new Set(one.recipientKids),
      senderKids: new Set(one.senderKids),
    }
    return ends(one, () => openMessageRsa(reader, one.ciphertext))
  })
