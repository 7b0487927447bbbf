/** Everything that is measured, in display order. */
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

/** The reference for all ratios: the same two algorithms as `ecdh`, with nothing around them. */
export const REFERENCE: ContestantName = 'aes-cbc-hmac'

/** The display name of each contestant. */
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

/** Message sizes in bytes, without overhead. */
export const sizes = [100, 1024] as const

/** How many messages are encrypted one after the other. */
export const counts = [10, 100, 1_000, 10_000, 100_000] as const

/** What to measure. */
export interface Plan {
  readonly contestants: readonly ContestantName[]
  readonly sizes: readonly number[]
  readonly counts: readonly number[]
  /** How often each figure is measured; the median counts. */
  readonly rounds: number
  /**
   * Milliseconds for one figure in one round. If all messages would take longer, fewer are measured
   * and the result is extrapolated. `null` means no limit.
   */
  readonly budgetMs: number | null
}

export type Operation = 'encrypt' | 'decrypt'
export const operations = ['encrypt', 'decrypt'] as const

/** One cell of the table. */
export interface Figure {
  readonly contestant: ContestantName
  readonly operation: Operation
  /** Bytes per message. */
  readonly size: number
  /** The number of messages that the figure is for, and how many of them were measured. */
  readonly count: number
  readonly measured: number
  /** Per message; the median of the rounds. */
  readonly microseconds: number
  /** Speed relative to the reference in the same rounds, 1 = equally fast; `null` without it. */
  readonly ratio: number | null
}

/** Milliseconds for all messages of a figure. */
export const totalMs = ({ microseconds, count }: Figure): number => (microseconds * count) / 1000

/** Whether some of its messages were not measured. */
export const isExtrapolated = ({ measured, count }: Figure): boolean => measured < count
