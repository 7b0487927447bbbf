/** The services behind the gateway. */
export type Service = 'auth' | 'chat' | 'websocket'

/**
 * The only list of paths and their services. A path that ends in `/` covers everything below it,
 * any other covers itself and everything below it. All other paths belong to the web app, except
 * `/health`, which every process answers itself.
 */
export const routes: readonly { readonly path: string; readonly service: Service }[] = [
  { path: '/auth/', service: 'auth' },
  { path: '/.well-known/jwks.json', service: 'auth' },
  { path: '/users', service: 'chat' },
  { path: '/devices', service: 'chat' },
  { path: '/boxes', service: 'chat' },
  { path: '/manifest', service: 'chat' },
  { path: '/wraps', service: 'chat' },
  { path: '/conversations', service: 'chat' },
  { path: '/changes', service: 'chat' },
  { path: '/era', service: 'chat' },
  { path: '/blocks', service: 'chat' },
  { path: '/usage', service: 'chat' },
  { path: '/ws', service: 'websocket' },
]

/** The service that answers `path` (without a query), or undefined for the web app. */
export function serviceOf(path: string): Service | undefined {
  return routes.find((route) => isBelow(path, route.path))?.service
}

function isBelow(path: string, prefix: string): boolean {
  if (prefix.endsWith('/')) return path.startsWith(prefix)
  return path === prefix || path.startsWith(`${prefix}/`)
}
