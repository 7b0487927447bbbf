import type { ViewKey } from './views.ts'

/** Equal for keys of the same view. */
export function viewName(key: ViewKey): string {
  return key.view === 'timeline' ? `timeline/${key.conversationId}` : key.view
}
