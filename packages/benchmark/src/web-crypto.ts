import type { Bytes } from '@sotto/crypto'
import type { Contestant } from './contestant.ts'

/** Bare WebCrypto: bytes in, bytes out, with keys imported in advance. */

interface Sealed {
  readonly iv: Bytes
  readonly ciphertext: ArrayBuffer
}
interface SealedWithMac extends Sealed {
  readonly mac: ArrayBuffer
}

const KEY_BITS = 256

/** AES-256-CBC or AES-256-GCM. */
export async function createAes(name: 'AES-CBC' | 'AES-GCM'): Promise<Contestant<Sealed>> {
  const key = await crypto.subtle.generateKey({ name, length: KEY_BITS }, false, [
    'encrypt',
    'decrypt',
  ])
  const ivBytes = name === 'AES-CBC' ? 16 : 12
  return {
    async encrypt({ bytes }) {
      const iv = crypto.getRandomValues(new Uint8Array(ivBytes))
      return { iv, ciphertext: await crypto.subtle.encrypt({ name, iv }, key, bytes) }
    },
    decrypt: ({ iv, ciphertext }) => crypto.subtle.decrypt({ name, iv }, key, ciphertext),
  }
}

/** AES-256-CBC, then HMAC-SHA-512 over IV and ciphertext; verified before decryption. */
export async function createAesWithMac(): Promise<Contestant<SealedWithMac>> {
  const aes = await createAes('AES-CBC')
  const mac: HmacKeyGenParams = { name: 'HMAC', hash: 'SHA-512' }
  const key = await crypto.subtle.generateKey(mac, false, ['sign', 'verify'])
  const inputOf = ({ iv, ciphertext }: Sealed) => {
    const input = new Uint8Array(iv.length + ciphertext.byteLength)
    input.set(iv)
    input.set(new Uint8Array(ciphertext), iv.length)
    return input
  }
  return {
    async encrypt(sample) {
      const sealed = await aes.encrypt(sample)
      return { ...sealed, mac: await crypto.subtle.sign('HMAC', key, inputOf(sealed)) }
    },
    async decrypt(sealed) {
      if (!(await crypto.subtle.verify('HMAC', key, sealed.mac, inputOf(sealed)))) {
        throw new Error('tag')
      }
      return aes.decrypt(sealed)
    },
  }
}
