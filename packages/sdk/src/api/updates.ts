import type { ConversationId } from '@sotto/wire'
import type { ClientPort } from './client-port.ts'
import { viewName } from './view-name.ts'
import type { ViewKey, Views } from './views.ts'

/** Produces a view's snapshot, or undefined until its data has been loaded. */
export interface ViewSource<V> {
  read(): V | undefined
  /** Called when the first subscriber arrives and when the last one leaves. */
  watched?(isWatched: boolean): void
}

type ViewName = Exclude<ViewKey['view'], 'timeline'>

export interface Updates extends Pick<ClientPort, 'snapshot' | 'subscribe'> {
  /** Sets the source of a view. */
  define<K extends ViewName>(view: K, source: ViewSource<Views[K]>): void
  defineTimelines(source: (id: ConversationId) => ViewSource<Views['timeline']>): void
  /** Marks a view as changed. Its snapshot is rebuilt when it is next read. */
  changed(key: ViewKey): void
}

interface Entry {
  source: ViewSource<unknown> | undefined
  snapshot: unknown
  isStale: boolean
  readonly listeners: Set<() => void>
}

/**
 * The client's views. A snapshot stays the same object until its view changes, and listeners are notified once for all
 * changes in one turn.
 */
export function createUpdates(): Updates {
  const entries = new Map<string, Entry>()
  const told = new Set<string>()
  let timelines: ((id: ConversationId) => ViewSource<Views['timeline']>) | undefined

  const entryOf = (key: ViewKey): Entry => {
    const name = viewName(key)
    const known = entries.get(name)
    if (known) return known
    const source = key.view === 'timeline' ? timelines?.(key.conversationId) : undefined
    const entry: Entry = { source, snapshot: undefined, isStale: true, listeners: new Set() }
    entries.set(name, entry)
    return entry
  }
  const tell = () => {
    const names = [...told]
    told.clear()
    for (const name of names) for (const listener of entries.get(name)?.listeners ?? []) listener()
  }
  const changed = (key: ViewKey) => {
    const name = viewName(key)
    const entry = entries.get(name)
    if (!entry) return
    entry.isStale = true
    if (told.size === 0) queueMicrotask(tell)
    told.add(name)
  }

  return {
    define: (view, source) => {
      entryOf({ view }).source = source
      changed({ view })
    },
    defineTimelines: (source) => {
      timelines = source
      for (const [name, entry] of entries) {
        if (!name.startsWith('timeline/')) continue
        const conversationId = name.slice('timeline/'.length) as ConversationId
        entry.source = source(conversationId)
        if (entry.listeners.size > 0) entry.source.watched?.(true)
        changed({ view: 'timeline', conversationId })
      }
    },
    changed,
    snapshot: <K extends ViewKey>(key: K) => {
      const entry = entryOf(key)
      if (entry.isStale) {
        entry.snapshot = entry.source?.read()
        entry.isStale = false
      }
      return entry.snapshot as Views[K['view']] | undefined
    },
    subscribe: (key, listener) => {
      const entry = entryOf(key)
      entry.listeners.add(listener)
      if (entry.listeners.size === 1) entry.source?.watched?.(true)
      return () => {
        if (entry.listeners.delete(listener) && entry.listeners.size === 0) {
          entry.source?.watched?.(false)
        }
      }
    },
  }
}
