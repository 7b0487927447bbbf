/**
 * Whether this instance wants requests. It says nothing about what all instances share: when the
 * database is away, taking every instance out of the load balancer would only make errors worse.
 */
export interface Readiness {
  readonly isReady: boolean
  /** Everything that has to be known before the first request is known. */
  started(): void
  /** No new requests, please: those under way are being ended. */
  stopping(): void
}

export function createReadiness(): Readiness {
  let state: 'starting' | 'ready' | 'stopping' = 'starting'
  return {
    get isReady() {
      return state === 'ready'
    },
    started() {
      if (state === 'starting') state = 'ready'
    },
    stopping() {
      state = 'stopping'
    },
  }
}
