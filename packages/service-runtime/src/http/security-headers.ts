import type { FastifyReply } from 'fastify'

/**
 * The headers of every API answer: it is data for a program, and must not be rendered, cached or
 * framed.
 */
const apiHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const

const ONE_YEAR_SECONDS = 31_536_000

/** Sets the security headers of an API answer. */
export function setApiHeaders(reply: FastifyReply) {
  reply.headers(apiHeaders)
  setStrictTransport(reply)
}

/** Tells browsers to use only TLS in the future, if this connection does. */
export function setStrictTransport(reply: FastifyReply) {
  const { protocol, hostname } = reply.request
  // RFC 6797 §7.2: not over plain HTTP. Nor for localhost, because every port there would then
  // require TLS.
  if (protocol === 'https' && hostname !== 'localhost') {
    reply.header('strict-transport-security', `max-age=${ONE_YEAR_SECONDS}`)
  }
}
