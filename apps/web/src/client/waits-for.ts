/** What the start waits for, in its order: this tab or another one owns the client, which then opens the storage. */
export type Awaited = 'tab' | 'storage' | 'account'

let awaited: Awaited = 'tab'
const listeners = new Set<() => void>()

/** Told when the client gets on, and shown when it does not. */
export const waitsFor = {
  read: (): Awaited => awaited,
  set(next: Awaited): void {
    awaited = next
    for (const changed of listeners) changed()
  },
  subscribe(changed: () => void): () => void {
    listeners.add(changed)
    return () => listeners.delete(changed)
  },
}
