import type { Bytes } from '@sotto/crypto'

/** A message before encryption, in both forms that contestants take. */
export interface Sample {
  readonly text: string
  readonly bytes: Bytes
}

/** An implementation to measure. Its keys are created and imported before the measurement. */
export interface Contestant<Sealed = unknown> {
  encrypt(sample: Sample): Sealed | Promise<Sealed>
  /** Returns the text or its bytes. */
  decrypt(sealed: Sealed): Opened | Promise<Opened>
}
export type Opened = string | ArrayBuffer | Bytes

const SAMPLES = 64
const LETTERS = 'abcdefghijklmnopqrstuvwxyz ,.ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Distinct messages of `size` bytes, the same in each run. */
export function createSamples(size: number): Sample[] {
  return Array.from({ length: SAMPLES }, (_, n) => {
    const letters = Array.from({ length: size }, (_, i) => {
      return LETTERS[(i * 7 + n * 13 + ((i * n) % 11)) % LETTERS.length]
    })
    const text = letters.join('')
    return { text, bytes: encoder.encode(text) }
  })
}

/**
 * Throws unless `contestant` decrypts what it encrypted, so that a broken implementation is not
 * measured.
 */
export async function checkRoundTrip(contestant: Contestant, sample: Sample): Promise<void> {
  const opened = await contestant.decrypt(await contestant.encrypt(sample))
  const text = typeof opened === 'string' ? opened : decoder.decode(opened)
  if (text !== sample.text) throw new Error('Decryption returned a different text')
}
