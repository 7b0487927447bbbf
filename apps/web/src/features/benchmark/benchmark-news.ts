import type { Figure } from '@sotto/benchmark/plan'

/** The worker's messages while it measures. */
export type BenchmarkNews =
  /** From 0 to 1. */
  | { readonly kind: 'progress'; readonly share: number }
  | { readonly kind: 'figures'; readonly figures: readonly Figure[] }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed' }
