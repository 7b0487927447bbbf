import type { AccountId, SealedBox } from '@sotto/wire'
import { z } from 'zod'
import { decodeBase64url, encodeBase64url } from '../base64url.ts'
import { utf8 } from '../bytes.ts'
import { orDecryptError } from '../errors.ts'
import { parseStrictJson } from '../strict-json.ts'
import { openBox, sealBox } from './boxes.ts'
import type { RootSecret } from './root-secret.ts'

const bytes = z.codec(z.string(), z.instanceof(Uint8Array<ArrayBuffer>), {
  decode: decodeBase64url,
  encode: encodeBase64url,
})
const Pair = z.strictObject({ publicKey: bytes, privateKey: bytes })

/** The plaintext of the `keys` box (PROTOCOL.md §4.2). */
const KeyBoxContents = z.strictObject({
  v: z.literal(1),
  identity: bytes,
  ecdh: z.array(Pair).min(1),
  rsa: z.array(Pair),
})
export type KeyBoxContents = z.infer<typeof KeyBoxContents>

let contentsIn: (box: KeyBox) => KeyBoxContents

/**
 * All private keys of an account, unsealed, with the current key of each kind first. Use it in a
 * narrow scope, to seal it or to import from it, and then drop it. Prints as its type name; cannot
 * be cloned.
 */
export class KeyBox {
  readonly #contents: KeyBoxContents

  static {
    contentsIn = (box) => box.#contents
  }

  constructor(contents: KeyBoxContents) {
    this.#contents = contents
  }

  toJSON(): string {
    return 'KeyBox'
  }
}

/** For use inside this package only. */
export function contentsOf(box: KeyBox): KeyBoxContents {
  return contentsIn(box)
}

/** Seals the keys as `version` of the `keys` box. */
export async function sealKeyBox(
  rootSecret: RootSecret,
  account: AccountId,
  version: number,
  keyBox: KeyBox,
): Promise<SealedBox> {
  const plaintext = utf8(JSON.stringify(KeyBoxContents.encode(contentsOf(keyBox))))
  return sealBox(rootSecret, { account, name: 'keys' }, version, plaintext)
}

/** Opens a `keys` box. Throws `DecryptError`. */
export async function openKeyBox(
  rootSecret: RootSecret,
  account: AccountId,
  box: SealedBox,
): Promise<KeyBox> {
  const plaintext = await openBox(rootSecret, { account, name: 'keys' }, box)
  return orDecryptError(async () => new KeyBox(KeyBoxContents.parse(parseStrictJson(plaintext))))
}
