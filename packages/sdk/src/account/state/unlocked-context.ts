import type { Updates } from '../../api/updates.ts'
import type { Store } from '../../storage/store.ts'
import type { Call } from '../../transport/http.ts'
import type { Me } from './account-state.ts'

/** Shared dependencies of everything that reads and writes messages on an unlocked device. */
export interface UnlockedContext {
  readonly storage: Store
  readonly call: Call
  readonly updates: Updates
  readonly now: () => number
  /** Always the current state: keys may be added at any time. */
  readonly me: () => Me
}
