/**
 * Whether this instance accepts requests. It ignores what all instances share: if the database is
 * down, removing every instance from the load balancer would only make errors worse.
 */
export interface Readiness {
  readonly isReady: boolean
  /** Call it when everything that the first request needs is loaded. */
  started(): void
  /** Call it when the instance stops: running requests finish, and no new ones should arrive. */
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
