import type { Commands } from './commands.ts'
import type { ViewKey, Views } from './views.ts'

/** The client as an app uses it: `ChatClient` itself, or its stand-in in another tab. */
export interface ClientPort {
  readonly commands: Commands
  /** The view's current snapshot, or undefined until its data has been read from storage. */
  snapshot<K extends ViewKey>(key: K): Views[K['view']] | undefined
  /** Calls `onChange` after each change until the returned function is called. */
  subscribe(key: ViewKey, onChange: () => void): () => void
}
