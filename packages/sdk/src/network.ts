import type { CreateWebSocket, WatchNetwork } from './connection.ts'

/** How the outside is reached; tests and other environments bring their own. */
export interface Network {
  readonly fetch: typeof globalThis.fetch
  readonly createWebSocket: CreateWebSocket
  readonly watchNetwork: WatchNetwork
}

/** That of browsers and of Node 24. */
export const defaultNetwork: Network = {
  fetch: (...request) => globalThis.fetch(...request),
  createWebSocket: (url) => new WebSocket(url),
  watchNetwork: (changed) => {
    // Browsers know when the network comes and goes, Node does not.
    if (typeof globalThis.addEventListener !== 'function') return () => {}
    const online = () => changed(true)
    const offline = () => changed(false)
    globalThis.addEventListener('online', online)
    globalThis.addEventListener('offline', offline)
    return () => {
      globalThis.removeEventListener('online', online)
      globalThis.removeEventListener('offline', offline)
    }
  },
}
