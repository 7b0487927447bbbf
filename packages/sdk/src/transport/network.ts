import type { CreateWebSocket, WatchNetwork } from './connection.ts'
import { FreshFetch } from './fresh-fetch.ts'

/** How the outside is reached; tests and other environments bring their own. */
export interface Network {
  readonly fetch: typeof globalThis.fetch
  readonly createWebSocket: CreateWebSocket
  readonly watchNetwork: WatchNetwork
  /** Connections that are kept open may be dead, because one of them was. */
  readonly suspect: () => void
}

/** That of browsers and of Node 24. */
export function createNetwork(): Network {
  const usual: Network['fetch'] = (...request) => globalThis.fetch(...request)
  const createWebSocket: CreateWebSocket = (url) => new WebSocket(url)
  // Browsers know when the network comes and goes, Node does not; it closes what is idle after seconds.
  if (typeof globalThis.addEventListener !== 'function') {
    return { fetch: usual, createWebSocket, watchNetwork: () => () => {}, suspect: () => {} }
  }
  const { fetch, suspect } = new FreshFetch(usual)
  return { fetch, suspect, createWebSocket, watchNetwork: watchBrowser }
}

/** Some browsers say as well when it becomes another one. */
type Navigator = { readonly connection?: EventTarget }

const watchBrowser: WatchNetwork = (changed) => {
  const online = () => changed(true)
  const offline = () => changed(false)
  const { connection } = globalThis.navigator as Navigator
  globalThis.addEventListener('online', online)
  globalThis.addEventListener('offline', offline)
  connection?.addEventListener('change', online)
  return () => {
    globalThis.removeEventListener('online', online)
    globalThis.removeEventListener('offline', offline)
    connection?.removeEventListener('change', online)
  }
}
