import type { Contestant } from './contestant.ts'

/**
 * Plain JavaScript libraries that papers and tutorials use: AES-256-CBC without a MAC, text in,
 * text out. They serve only as a comparison; Sotto protects nothing with them. Their code is loaded
 * when they are measured.
 */

const randomBytes = (length: number) => crypto.getRandomValues(new Uint8Array(length))

interface ForgeSealed {
  readonly iv: string
  readonly ciphertext: string
}

/** https://github.com/digitalbazaar/forge */
export async function createNodeForge(): Promise<Contestant<ForgeSealed>> {
  const { default: forge } = await import('node-forge')
  const binary = (bytes: Uint8Array) => String.fromCharCode(...bytes)
  const key = binary(randomBytes(32))
  return {
    encrypt({ text }) {
      const iv = binary(randomBytes(16))
      const cipher = forge.cipher.createCipher('AES-CBC', key)
      cipher.start({ iv })
      cipher.update(forge.util.createBuffer(text, 'utf8'))
      cipher.finish()
      return { iv, ciphertext: cipher.output.getBytes() }
    },
    decrypt({ iv, ciphertext }) {
      const decipher = forge.cipher.createDecipher('AES-CBC', key)
      decipher.start({ iv })
      decipher.update(forge.util.createBuffer(ciphertext, 'raw'))
      if (!decipher.finish()) throw new Error('padding')
      return forge.util.decodeUtf8(decipher.output.getBytes())
    },
  }
}

/** https://github.com/brix/crypto-js */
export async function createCryptoJs() {
  const { default: CryptoJS } = await import('crypto-js')
  const wordsOf = (bytes: Uint8Array) => CryptoJS.lib.WordArray.create([...wordsBigEndian(bytes)])
  const key = wordsOf(randomBytes(32))
  const contestant: Contestant<{ iv: CryptoJS.lib.WordArray; ciphertext: string }> = {
    encrypt({ text }) {
      const iv = wordsOf(randomBytes(16))
      return { iv, ciphertext: CryptoJS.AES.encrypt(text, key, { iv }).toString() }
    },
    decrypt: ({ iv, ciphertext }) =>
      CryptoJS.AES.decrypt(ciphertext, key, { iv }).toString(CryptoJS.enc.Utf8),
  }
  return contestant
}

function* wordsBigEndian(bytes: Uint8Array): Generator<number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let offset = 0; offset < bytes.length; offset += 4) yield view.getInt32(offset)
}
