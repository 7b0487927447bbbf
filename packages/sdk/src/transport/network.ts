import type { CreateWebSocket, WatchNetwork } from './connection.ts'
import { FreshFetch } from './fresh-fetch.ts'

/** Network access; tests and other environments supply their own. */
export interface Network {
  readonly fetch: typeof globalThis.fetch
  readonly createWebSocket: CreateWebSocket
  readonly watchNetwork: WatchNetwork
  /** Open connections may be dead, because one of them was. */
  readonly suspect: () => void
}

/** The network of browsers and of Node 24. */
export function createNetwork(): Network {
  const usual: Network['fetch'] = (...request) => globalThis.fetch(...request)
  const createWebSocket: CreateWebSocket = (url) => new WebSocket(url)
  // Browsers know when the network comes and goes. Node doesn't, but it closes idle connections after seconds.
  if (typeof globalThis.addEventListener !== 'function') {
    return { fetch: usual, createWebSocket, watchNetwork: () => () => {}, suspect: () => {} }
  }
  const { fetch, suspect } = new FreshFetch(usual)
  return { fetch, suspect, createWebSocket, watchNetwork: watchBrowser }
}

/** Some browsers also report a change of network. */
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
