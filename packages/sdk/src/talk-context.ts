import type { Me } from './account-state.ts'
import type { Call } from './http.ts'
import type { Storage } from './storage.ts'
import type { Updates } from './updates.ts'

/** What everything works with that reads and writes messages, while a device is unlocked. */
export interface TalkContext {
  readonly storage: Storage
  readonly call: Call
  readonly updates: Updates
  readonly now: () => number
  /** Always the newest: keys may be added while it runs. */
  readonly me: () => Me
}
