import type { Updates } from '../../api/updates.ts'
import type { Store } from '../../storage/store.ts'
import type { Call } from '../../transport/http.ts'
import type { Me } from './account-state.ts'

/** What everything works with that reads and writes messages, while a device is unlocked. */
export interface TalkContext {
  readonly storage: Store
  readonly call: Call
  readonly updates: Updates
  readonly now: () => number
  /** Always the newest: keys may be added while it runs. */
  readonly me: () => Me
}
