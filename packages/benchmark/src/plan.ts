/** Everything that is measured, in the order in which it is shown. */
export const contestants = [
  'ecdh',
  'ecdh-jwe',
  'rsa',
  'rsa-jwe',
  'aes-cbc-hmac',
  'aes-cbc',
  'aes-gcm',
  'node-forge',
  'crypto-js',
] as const
export type ContestantName = (typeof contestants)[number]

/** What all others are compared with: the same two algorithms as `ecdh`, and nothing around them. */
export const REFERENCE: ContestantName = 'aes-cbc-hmac'

/** What a contestant is, in words. */
export const titles: Record<ContestantName, string> = {
  ecdh: 'ecdh, whole message',
  'ecdh-jwe': 'ecdh, JWE alone',
  rsa: 'rsa, whole message',
  'rsa-jwe': 'rsa, JWE alone',
  'aes-cbc-hmac': 'AES-256-CBC + HMAC-SHA-512',
  'aes-cbc': 'AES-256-CBC',
  'aes-gcm': 'AES-256-GCM',
  'node-forge': 'AES-256-CBC, node-forge',
  'crypto-js': 'AES-256-CBC, crypto-js',
}

/** Sizes of a message in bytes, before anything is added to it. */
export const sizes = [100, 1024] as const

/** Messages that are encrypted one after the other. */
export const counts = [10, 100, 1_000, 10_000, 100_000] as const

/** What to measure. */
export interface Plan {
  readonly contestants: readonly ContestantName[]
  readonly sizes: readonly number[]
  readonly counts: readonly number[]
  /** How often each figure is taken; the median counts. */
  readonly rounds: number
  /**
   * Milliseconds for one figure in one round. Where all messages would take longer, fewer are
   * measured and the rest is calculated. `null`: whatever it takes.
   */
  readonly budgetMs: number | null
}

export type Operation = 'encrypt' | 'decrypt'
export const operations = ['encrypt', 'decrypt'] as const

/** One cell of the table. */
export interface Figure {
  readonly contestant: ContestantName
  readonly operation: Operation
  /** Bytes of a message. */
  readonly size: number
  /** Messages the figure is for, and how many of them were really measured. */
  readonly count: number
  readonly measured: number
  /** For one message, the median of the rounds. */
  readonly microseconds: number
  /** How fast it is compared with the reference in the same rounds, 1 = as fast; `null` without it. */
  readonly ratio: number | null
}

/** Milliseconds for all messages of a figure. */
export const totalMs = ({ microseconds, count }: Figure): number => (microseconds * count) / 1000

/** Whether not all of its messages were measured. */
export const isExtrapolated = ({ measured, count }: Figure): boolean => measured < count
