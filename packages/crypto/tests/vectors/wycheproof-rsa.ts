import { z } from 'zod'
import { encodeBase64url } from '../../src/base64url.ts'
import { type Bytes, randomBytes, utf8 } from '../../src/bytes.ts'
import { DecryptError } from '../../src/errors.ts'
import { decryptRsa } from '../../src/rsa/decrypt.ts'
import { importRsaKeyPair, type RsaKeyPair, rsaBytesOfPrivateKey } from '../../src/rsa/key-pair.ts'
import { gives, hex, isRefused } from './suite.ts'
import type { Group, ReadCase, Test } from './wycheproof.ts'

const Hex = z.string().transform(hex)
const PROTECTED = encodeBase64url(utf8('{"enc":"A256GCM"}'))

/** RSA-OAEP-256 as it unwraps the content key of a JWE. */
export function readRsaOaep(group: Group, test: Test): ReadCase {
  if (group.sha !== 'SHA-256' || group.mgfSha !== 'SHA-256') {
    return { notApplicable: 'RSA-OAEP with SHA-256 only' }
  }
  const { msg, ct, label } = z.object({ msg: Hex, ct: Hex, label: Hex }).parse(test)
  if (label.length > 0) return { notApplicable: 'with a label, which JOSE does not support' }
  const pkcs8 = hex(z.string().parse(group.privateKeyPkcs8))
  return { check: () => check(pkcs8, test, msg, ct) }
}

async function check(pkcs8: Bytes, test: Test, msg: Bytes, ct: Bytes): Promise<boolean> {
  const key = await importRsaKeyPair(await rsaBytesOfPrivateKey(pkcs8))
  // The call that the JOSE library makes with the product's key.
  const unwrap = async () => {
    const unwrapped = await crypto.subtle.decrypt({ name: 'RSA-OAEP' }, key.privateKey, ct)
    return new Uint8Array(unwrapped)
  }
  if (test.result !== 'valid') {
    const jwe = await jweAround(ct, key, randomBytes(32))
    return (await isRefused(unwrap)) && isRefused(() => decryptRsa([key], jwe), DecryptError)
  }
  if (msg.length !== 32) return gives(unwrap, msg)
  const jwe = await jweAround(ct, key, msg)
  return gives(async () => (await decryptRsa([key], jwe)).plaintext, utf8('content'))
}

/** A JWE with `ct` as its wrapped key and with content encrypted under `contentKey`. */
async function jweAround(ct: Bytes, { kid }: RsaKeyPair, contentKey: Bytes): Promise<string> {
  const iv = randomBytes(12)
  const algorithm = { name: 'AES-GCM', iv, additionalData: utf8(PROTECTED) }
  const key = await crypto.subtle.importKey('raw', contentKey, 'AES-GCM', false, ['encrypt'])
  const sealed = new Uint8Array(await crypto.subtle.encrypt(algorithm, key, utf8('content')))
  return JSON.stringify({
    protected: PROTECTED,
    recipients: [{ header: { alg: 'RSA-OAEP-256', kid }, encrypted_key: encodeBase64url(ct) }],
    iv: encodeBase64url(iv),
    ciphertext: encodeBase64url(sealed.subarray(0, -16)),
    tag: encodeBase64url(sealed.subarray(-16)),
  })
}
