import { type Contestant, checkRoundTrip, createSamples, type Sample } from './contestant.ts'
import { createCryptoJs, createNodeForge } from './libraries.ts'
import type { ContestantName, Operation } from './plan.ts'
import { createEcdhJwe, createEcdhMessage, createRsaJwe, createRsaMessage } from './sotto.ts'
import { createAes, createAesWithMac } from './web-crypto.ts'

const creators: Record<ContestantName, () => Promise<Contestant>> = {
  ecdh: createEcdhMessage,
  'ecdh-jwe': createEcdhJwe,
  rsa: createRsaMessage,
  'rsa-jwe': createRsaJwe,
  'aes-cbc-hmac': createAesWithMac,
  'aes-cbc': () => createAes('AES-CBC'),
  'aes-gcm': () => createAes('AES-GCM'),
  'node-forge': createNodeForge,
  'crypto-js': createCryptoJs,
}

/** A warmed-up contestant, with messages of one size to encrypt and to decrypt. */
export interface Track {
  readonly name: ContestantName
  readonly size: number
  readonly contestant: Contestant
  readonly samples: readonly Sample[]
  readonly sealed: readonly unknown[]
  /** The approximate time per message, in microseconds. */
  readonly expected: Record<Operation, number>
}

/** Long enough for the engine to compile the hot code. */
const WARM_UP_MS = 150
const CHUNK = 20

/** Creates a contestant's keys, checks that it works, and warms it up at each size. */
export async function prepare(name: ContestantName, sizes: readonly number[]): Promise<Track[]> {
  const contestant = await creators[name]()
  const tracks: Track[] = []
  for (const size of sizes) {
    const samples = createSamples(size)
    const sealed: unknown[] = []
    for (const sample of samples) {
      await checkRoundTrip(contestant, sample)
      sealed.push(await contestant.encrypt(sample))
    }
    const cold = { name, size, contestant, samples, sealed }
    const encrypt = await warmUp(cold, 'encrypt')
    tracks.push({ ...cold, expected: { encrypt, decrypt: await warmUp(cold, 'decrypt') } })
  }
  return tracks
}

async function warmUp(track: Omit<Track, 'expected'>, operation: Operation): Promise<number> {
  const start = performance.now()
  let latest: number
  do latest = await timeMs(track, operation, CHUNK)
  while (performance.now() - start < WARM_UP_MS)
  return (latest * 1000) / CHUNK
}

/** Encrypts or decrypts that many messages one after the other. Returns milliseconds. */
export async function timeMs(
  { contestant, samples, sealed }: Omit<Track, 'expected'>,
  operation: Operation,
  messages: number,
): Promise<number> {
  const start = performance.now()
  if (operation === 'encrypt') {
    for (let i = 0; i < messages; i++) {
      await contestant.encrypt(samples[i % samples.length] as Sample)
    }
  } else {
    for (let i = 0; i < messages; i++) await contestant.decrypt(sealed[i % sealed.length])
  }
  return performance.now() - start
}
