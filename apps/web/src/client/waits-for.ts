/** The steps of the start, in order: this tab or another one owns the client, which then opens the storage. */
export type Awaited = 'tab' | 'storage' | 'account'

let awaited: Awaited = 'tab'
const listeners = new Set<() => void>()

/** Updated as the client starts, and shown if it gets stuck. */
export const waitsFor = {
  read: (): Awaited => awaited,
  set(next: Awaited): void {
    awaited = next
    for (const onChange of listeners) onChange()
  },
  subscribe(onChange: () => void): () => void {
    listeners.add(onChange)
    return () => listeners.delete(onChange)
  },
}
