import type { ViewKey } from './commands.ts'

/** Equal for keys that mean the same view. */
export function viewName(key: ViewKey): string {
  return key.view === 'timeline' ? `timeline/${key.conversationId}` : key.view
}
