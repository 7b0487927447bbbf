import type { Figure, Operation } from '@sotto/benchmark/plan'

export const operationWords: Record<Operation, string> = {
  encrypt: 'Encrypting',
  decrypt: 'Decrypting',
}

/** Messages that are encrypted or decrypted in a second. */
export const perSecond = ({ microseconds }: Figure): number => 1_000_000 / microseconds
