const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  // Also covers the WebSocket of the same host (CSP Level 3, "ws" and "wss" match 'self').
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  // The only policy creates the URLs of our workers; text never becomes a script.
  'trusted-types sotto',
].join('; ')

// A worker is governed by the policy of its own response. Only the one that runs OPAQUE may compile
// WebAssembly; the page and every other worker may not.
const passwordWorkerPolicy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "connect-src 'self'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

/** The only file with a different policy. */
export const passwordWorkerPath = /^\/assets\/password-worker-[\w-]+\.js$/

const deniedFeatures = [
  'accelerometer',
  'autoplay',
  'browsing-topics',
  'camera',
  'display-capture',
  'encrypted-media',
  'geolocation',
  'gyroscope',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'publickey-credentials-create',
  'publickey-credentials-get',
  'screen-wake-lock',
  'serial',
  'usb',
  'xr-spatial-tracking',
]

const staticHeaders = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': deniedFeatures.map((feature) => `${feature}=()`).join(', '),
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const

/** The security headers of a file of the web app. `path` begins with a slash and has no query. */
export function securityHeadersOf(path: string): Record<string, string> {
  const policy = passwordWorkerPath.test(path) ? passwordWorkerPolicy : pagePolicy
  return { ...staticHeaders, 'content-security-policy': policy }
}

/** The headers of API answers, for those that the gateway sends itself. */
export const apiHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const

/** For answers over TLS only (RFC 6797 §7.2). */
export const strictTransport = 'max-age=31536000'

const immutable = 'public, max-age=31536000, immutable'

/** Files under `/assets/` have a hash of their content in their names; all others may change. */
export function cacheControlOf(path: string): string {
  return path.startsWith('/assets/') ? immutable : 'no-cache'
}
