import type { ViewKey } from './commands.ts'

/** Equal for keys of the same view. */
export function viewName(key: ViewKey): string {
  return key.view === 'timeline' ? `timeline/${key.conversationId}` : key.view
}
