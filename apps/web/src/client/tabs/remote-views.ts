import { type ViewKey, type Views, viewName } from '@sotto/sdk'

interface WatchedView {
  readonly key: ViewKey
  readonly listeners: Set<() => void>
}

/** The views that this tab watches in another one: the last snapshot of each, and its listeners. */
export function createRemoteViews(tell: (type: 'subscribe' | 'unsubscribe', key: ViewKey) => void) {
  const watched = new Map<string, WatchedView>()
  const snapshots = new Map<string, unknown>()

  return {
    keys: (): ViewKey[] => [...watched.values()].map(({ key }) => key),
    snapshot: <K extends ViewKey>(key: K) =>
      snapshots.get(viewName(key)) as Views[K['view']] | undefined,
    show(key: ViewKey, value: unknown) {
      const view = watched.get(viewName(key))
      if (!view) return
      snapshots.set(viewName(key), value)
      for (const onChange of view.listeners) onChange()
    },
    subscribe(key: ViewKey, onChange: () => void) {
      const name = viewName(key)
      const view = watched.get(name) ?? { key, listeners: new Set() }
      view.listeners.add(onChange)
      if (!watched.has(name)) {
        watched.set(name, view)
        tell('subscribe', key)
      }
      return () => {
        view.listeners.delete(onChange)
        if (view.listeners.size > 0 || watched.get(name) !== view) return
        watched.delete(name)
        snapshots.delete(name)
        tell('unsubscribe', key)
      }
    },
  }
}
