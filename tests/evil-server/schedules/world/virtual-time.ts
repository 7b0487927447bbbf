import { randomFrom } from '../../../network/random-from.ts'
import { quickly, rememberKey } from './quick-crypto.ts'

type Act = () => void
type Operation = () => Promise<void>

interface Timer {
  readonly at: number
  readonly order: number
  readonly act: Act
}

const SUBTLE = [
  'decrypt',
  'deriveBits',
  'deriveKey',
  'digest',
  'encrypt',
  'exportKey',
  'generateKey',
  'importKey',
  'sign',
  'unwrapKey',
  'verify',
  'wrapKey',
] as const

/** 2026-01-01, so that times look realistic. */
const START = Date.UTC(2026, 0, 1)
const RSA_BITS = 2048

const realTurn = () => new Promise<void>((resolve) => setImmediate(resolve))

/**
 * Replaces everything that would make two runs of a schedule differ: timers, the clock, random ids, and the thread pool
 * behind WebCrypto. Nothing happens until the schedule says so: `work` runs pending cryptography in order, and `pass`
 * also lets time pass.
 */
export class VirtualTime {
  readonly #real = {
    setTimeout: globalThis.setTimeout,
    clearTimeout: globalThis.clearTimeout,
    now: performance.now,
    timeout: AbortSignal.timeout,
    randomUUID: crypto.randomUUID,
    subtle: Object.fromEntries(SUBTLE.map((name) => [name, crypto.subtle[name]])),
  }
  readonly #timers = new Map<object, Timer>()
  #operations: Operation[] = []
  #rsaKeys: CryptoKeyPair[] = []
  #rsaKeysTaken = 0
  #random: () => number = Math.random
  #now = START
  #order = 0

  /** Milliseconds since 1970 in the schedule. */
  readonly now = (): number => Math.floor(this.#now)

  install(): void {
    const handleOf = (act: Act, ms = 0) => {
      const handle = {}
      this.#timers.set(handle, { at: this.#now + ms, order: this.#order++, act })
      return handle
    }
    Object.assign(globalThis, {
      setTimeout: handleOf,
      clearTimeout: (handle: object) => this.#timers.delete(handle),
    })
    performance.now = () => this.#now - START
    AbortSignal.timeout = (ms) => {
      const controller = new AbortController()
      handleOf(() => controller.abort(), ms)
      return controller.signal
    }
    crypto.randomUUID = () => uuidFrom(this.#random)
    for (const name of SUBTLE) this.#queue(name)
  }

  uninstall(): void {
    const { setTimeout, clearTimeout, now, timeout, randomUUID, subtle } = this.#real
    Object.assign(globalThis, { setTimeout, clearTimeout })
    Object.assign(performance, { now })
    Object.assign(AbortSignal, { timeout })
    Object.assign(crypto, { randomUUID })
    Object.assign(crypto.subtle, subtle)
  }

  /** Creates RSA keys in advance, because a schedule has no time for that. */
  async makeRsaKeys(count: number): Promise<void> {
    const generate = this.#real.subtle.generateKey as SubtleCrypto['generateKey']
    const algorithm = {
      name: 'RSA-OAEP',
      hash: 'SHA-256',
      modulusLength: RSA_BITS,
      publicExponent: new Uint8Array([1, 0, 1]),
    }
    const make = () => generate.call(crypto.subtle, algorithm, true, ['encrypt', 'decrypt'])
    const made = await Promise.all(Array.from({ length: count }, make))
    this.#rsaKeys.push(...(made as CryptoKeyPair[]))
  }

  /** Drops everything in progress, and restarts at the same time with other random numbers. */
  reset(seed: number, rsaKeysTaken: number): void {
    this.#timers.clear()
    this.#operations = []
    this.#random = randomFrom(seed)
    this.#now = START + 60 * 60 * 1000
    this.#rsaKeysTaken = rsaKeysTaken
  }

  get rsaKeysTaken(): number {
    return this.#rsaKeysTaken
  }

  /** Runs pending operations, at most `limit`, with everything that follows from each. */
  async work(limit = Number.POSITIVE_INFINITY): Promise<number> {
    let done = 0
    for (; done < limit; done++) {
      if (this.#operations.length === 0) await realTurn()
      const operation = this.#operations.shift()
      if (!operation) break
      await operation()
    }
    return done
  }

  /** Lets `ms` pass, with everything that is due and everything that follows from it. */
  async pass(ms: number): Promise<void> {
    const until = this.#now + ms
    await this.work()
    for (let next = this.#next(until); next; next = this.#next(until)) {
      const [handle, timer] = next
      this.#timers.delete(handle)
      this.#now = Math.max(this.#now, timer.at)
      timer.act()
      await this.work()
    }
    this.#now = Math.max(this.#now, until)
  }

  /** Runs something that needs only cryptography. */
  async run<T>(promise: Promise<T>): Promise<T> {
    let isDone = false
    const done = () => {
      isDone = true
    }
    promise.then(done, done)
    for (let idle = 0; !isDone && idle < 3; ) idle = (await this.work()) === 0 ? idle + 1 : 0
    if (!isDone) throw new Error('the promise depends on something other than cryptography')
    return promise
  }

  #next(until: number): [object, Timer] | undefined {
    let next: [object, Timer] | undefined
    for (const entry of this.#timers) {
      const [, timer] = entry
      if (timer.at > until) continue
      const best = next?.[1]
      const isSooner = !best || timer.at < best.at
      if (isSooner || (timer.at === best.at && timer.order < best.order)) next = entry
    }
    return next
  }

  #queue(name: (typeof SUBTLE)[number]): void {
    const real = this.#real.subtle[name] as (...args: unknown[]) => Promise<unknown>
    const compute = (args: unknown[]) =>
      this.#rsaKeyFor(name, args) ?? quickly(name, args) ?? real.apply(crypto.subtle, args)
    // A safety number takes thousands of hashes, so they run synchronously.
    if (name === 'digest') {
      Object.assign(crypto.subtle, { digest: async (...args: unknown[]) => compute(args) })
      return
    }
    const queued = (...args: unknown[]) =>
      new Promise((resolve, reject) => {
        this.#operations.push(async () => {
          try {
            const made = compute(args)
            const value = made instanceof Promise ? await made : made
            if (name === 'importKey') rememberKey(args, value)
            resolve(value)
          } catch (error) {
            reject(error)
          }
        })
      })
    Object.assign(crypto.subtle, { [name]: queued })
  }

  #rsaKeyFor(name: string, [algorithm]: unknown[]): CryptoKeyPair | undefined {
    const isRsa = name === 'generateKey' && (algorithm as Algorithm).name === 'RSA-OAEP'
    return isRsa ? this.#rsaKeys[this.#rsaKeysTaken++] : undefined
  }
}

function uuidFrom(random: () => number): ReturnType<typeof crypto.randomUUID> {
  const hex = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join('')
  const variant = '89ab'[Math.floor(random() * 4)]
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`
}
