/**
 * The Content-Security-Policy of the page. Nothing inline, nothing evaluated, nothing from another
 * origin; scripts can be made from text only by the policy `sotto`, which makes worker addresses.
 */
export const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types sotto',
].join('; ')

/**
 * The policy of the one worker that runs OPAQUE. WebAssembly is allowed there and not in the page: a
 * worker is governed by the policy of its own response.
 */
export const passwordWorkerPolicy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "connect-src 'self'",
].join('; ')

/** Whether a file of the build is the script of the password worker. */
export const isPasswordWorker = (path: string): boolean =>
  /^\/assets\/password-worker-[\w-]+\.js$/.test(path)
