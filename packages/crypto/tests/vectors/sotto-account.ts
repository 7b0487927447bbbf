import {
  AccountId,
  AccountRecord,
  BoxName,
  Credential,
  DeviceId,
  DeviceProof,
  Manifest,
  SEALED_DEVICE_NAME_CHARS,
  SealedBox,
  SignedWrite,
  Succession,
  Wrap,
  writtenWraps,
} from '@sotto/wire'
import { z } from 'zod'
import { decodeBase64url, encodeBase64url } from '../../src/base64url.ts'
import { equalBytes, utf8 } from '../../src/bytes.ts'
import { type IdentityKeyPair, importIdentityKey } from '../../src/identity/identity-key.ts'
import { openBox } from '../../src/recovery/boxes.ts'
import { openContacts } from '../../src/recovery/contacts.ts'
import { openDeviceName } from '../../src/recovery/device-name.ts'
import { contentsOf, openKeyBox } from '../../src/recovery/key-box.ts'
import { parseRecoveryCode } from '../../src/recovery/recovery-code.ts'
import { bytesOf, RootSecret } from '../../src/recovery/root-secret.ts'
import { hashWrap, type Opener, unwrapRootSecret } from '../../src/recovery/wraps.ts'
import {
  signCredential,
  signDeviceProof,
  signManifest,
  signRecord,
  signSuccession,
  signWritten,
  verifyCredential,
  verifyDeviceProof,
  verifyManifest,
  verifyRecord,
  verifySuccession,
  verifyWrite,
} from '../../src/statements.ts'
import { isRefusedAs, isSame, type ReadSuite, suiteOf } from './suite.ts'

/** Statements, boxes, device names, wraps and recovery codes of an account. */

const bytes = z.string().transform(decodeBase64url)

const StatementCase = z.object({
  id: z.string(),
  kind: z.enum(['record', 'succession', 'credential', 'manifest', 'proof', 'write']),
  identityKey: z.string(),
  statement: z.string(),
  expect: z.enum(['accept', 'refuse']),
  payload: z.unknown().optional(),
  text: z.string().optional(),
  wraps: z.array(Wrap).optional(),
})
type StatementCase = z.infer<typeof StatementCase>
const StatementFile = z.object({
  format: z.literal('sotto-statements/1'),
  keys: z.object({ alice: z.object({ pkcs8: bytes }) }),
  cases: z.array(StatementCase),
})

const verifiers = {
  credential: verifyCredential,
  manifest: verifyManifest,
  proof: verifyDeviceProof,
  write: verifyWrite,
} as const

/** `sotto/statements.json`. */
export const readStatements: ReadSuite = (content) =>
  suiteOf(StatementFile, content, ({ keys }, one) => checkStatement(keys.alice.pkcs8, one))

async function checkStatement(pkcs8: Uint8Array<ArrayBuffer>, one: StatementCase) {
  const { kind, identityKey, statement, payload } = one
  const verify = async () => {
    if (kind === 'record') return verifyRecord(statement)
    if (kind === 'succession') return verifySuccession(statement)
    return verifiers[kind](statement, identityKey)
  }
  if (one.expect === 'refuse') return isRefusedAs(verify, 'bad_statement')
  const identity = await importIdentityKey(pkcs8)
  const sign = () => {
    if (kind === 'record') return signRecord(identity, AccountRecord.parse(payload))
    if (kind === 'succession') return signSuccession(identity, Succession.parse(payload))
    if (kind === 'credential') return signCredential(identity, Credential.parse(payload))
    if (kind === 'manifest') return signManifest(identity, Manifest.parse(payload))
    if (kind === 'write') return signAgain(identity, SignedWrite.parse(payload), one)
    return signDeviceProof({ ...identity, kind: 'device' }, DeviceProof.parse(payload))
  }
  return isSame(await verify(), payload) && (await sign()) === statement
}

/** Recreates a signed write from the written text. The hash must match that of the payload. */
async function signAgain(
  identity: IdentityKeyPair,
  { account, what, version }: SignedWrite,
  { text = '', wraps }: StatementCase,
) {
  const written = wraps ? writtenWraps(wraps) : { what, text }
  const statement = await signWritten(identity, account, written, version)
  return written.text === text ? statement : undefined
}

const BoxCase = z.object({
  id: z.string(),
  account: AccountId,
  rootSecret: bytes,
  box: BoxName,
  sealed: SealedBox.extend({ ciphertext: z.string() }),
  expect: z.enum(['open', 'refuse']),
  plaintext: z.string().optional(),
})
const BoxFile = z.object({ format: z.literal('sotto-boxes/1'), cases: z.array(BoxCase) })

/** `sotto/boxes.json`. */
export const readBoxes: ReadSuite = (content) =>
  suiteOf(BoxFile, content, async (_, { account, box: name, sealed, expect, ...one }) => {
    const rootSecret = new RootSecret(one.rootSecret)
    const read = async () => {
      if (name === 'contacts')
        return { v: 1, pins: await openContacts(rootSecret, account, sealed) }
      return shownKeys(contentsOf(await openKeyBox(rootSecret, account, sealed)))
    }
    if (expect === 'refuse') return isRefusedAs(read, 'cannot_decrypt')
    const { plaintext = '' } = one
    const opened = await openBox(rootSecret, { account, name }, sealed)
    return equalBytes(opened, utf8(plaintext)) && isSame(await read(), JSON.parse(plaintext))
  })

/** The contents of the `keys` box in the form of its JSON. */
function shownKeys({ v, identity, ecdh, rsa }: ReturnType<typeof contentsOf>) {
  const shown = (pairs: typeof rsa) =>
    pairs.map(({ publicKey, privateKey }) => ({
      publicKey: encodeBase64url(publicKey),
      privateKey: encodeBase64url(privateKey),
    }))
  return { v, identity: encodeBase64url(identity), ecdh: shown(ecdh), rsa: shown(rsa) }
}

const NameCase = z.object({
  id: z.string(),
  account: AccountId,
  device: DeviceId,
  rootSecret: bytes,
  sealedName: z.string(),
  expect: z.enum(['open', 'refuse']),
  name: z.string().optional(),
})
const NameFile = z.object({
  format: z.literal('sotto-device-names/1'),
  cases: z.array(NameCase),
})

/** `sotto/device-names.json`. */
export const readDeviceNames: ReadSuite = (content) =>
  suiteOf(NameFile, content, async (_, { account, device, rootSecret, sealedName, ...one }) => {
    const open = () => openDeviceName(new RootSecret(rootSecret), { account, device }, sealedName)
    if (one.expect === 'refuse') return isRefusedAs(open, 'cannot_decrypt')
    return sealedName.length === SEALED_DEVICE_NAME_CHARS && (await open()) === one.name
  })

const WrapCase = z.object({
  id: z.string(),
  kind: z.enum(['password', 'recovery_code']),
  account: AccountId,
  exportKey: bytes.optional(),
  code: z.string().optional(),
  ciphertext: z.string(),
  expect: z.enum(['open', 'refuse']),
  error: z.enum(['cannot_decrypt', 'bad_wrap']).optional(),
  rootSecret: bytes.optional(),
  sha256: z.string().optional(),
})
type WrapCase = z.infer<typeof WrapCase>
const WrapFile = z.object({ format: z.literal('sotto-wraps/1'), cases: z.array(WrapCase) })

/** `sotto/wraps.json`. */
export const readWraps: ReadSuite = (content) =>
  suiteOf(WrapFile, content, async (_, one) => {
    const { kind, account, ciphertext, expect, error, rootSecret, sha256 } = one
    const wrap = { kind, ciphertext }
    const opener = await openerOf(one)
    const open = () => unwrapRootSecret(wrap, opener, account)
    if (expect === 'refuse') {
      if (error === undefined) throw new Error('A rejection must have an error')
      const hash = () => hashWrap(wrap)
      const hasHash = error === 'cannot_decrypt' || (await isRefusedAs(hash, error))
      return hasHash && isRefusedAs(open, error)
    }
    if (!rootSecret) throw new Error('An open wrap must have a root secret')
    return equalBytes(bytesOf(await open()), rootSecret) && (await hashWrap(wrap)) === sha256
  })

async function openerOf({ kind, exportKey, code = '' }: WrapCase): Promise<Opener> {
  if (kind === 'recovery_code') return { kind, code: await parseRecoveryCode(code) }
  if (!exportKey) throw new Error('A password must have an export key')
  return { kind, exportKey }
}

const CodeCase = z.object({
  id: z.string(),
  typed: z.string(),
  expect: z.enum(['accept', 'refuse']),
  code: z.string().optional(),
})
const CodeFile = z.object({ format: z.literal('sotto-recovery-codes/1'), cases: z.array(CodeCase) })

/** `sotto/recovery-codes.json`. */
export const readRecoveryCodes: ReadSuite = (content) =>
  suiteOf(CodeFile, content, async (_, { typed, expect, code }) => {
    const parse = () => parseRecoveryCode(typed)
    if (expect === 'refuse') return isRefusedAs(parse, 'bad_recovery_code')
    return (await parse()) === code
  })
