import { DomainError } from '@sotto/service-runtime'
import { REFRESH_TOKEN_TTL_SECONDS } from '@sotto/wire'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** `__Host-`: only over TLS (or on localhost), only from this exact host, for all of its paths. */
const REFRESH_COOKIE = '__Host-sotto-refresh'

const attributes = { path: '/', httpOnly: true, secure: true, sameSite: 'strict' } as const

export function setRefreshCookie(reply: FastifyReply, token: string) {
  reply.setCookie(REFRESH_COOKIE, token, { ...attributes, maxAge: REFRESH_TOKEN_TTL_SECONDS })
}

export function clearRefreshCookie(reply: FastifyReply) {
  reply.clearCookie(REFRESH_COOKIE, attributes)
}

/** The refresh token in the cookie, if one of our own pages sent the request. */
export function refreshCookieOf(
  request: FastifyRequest,
  allowedOrigins: readonly string[],
): string | undefined {
  const token = request.cookies[REFRESH_COOKIE]
  // Browsers add the cookie automatically and state the page's origin. SameSite provides the same
  // protection a second time.
  if (token !== undefined && !allowedOrigins.includes(request.headers.origin ?? '')) {
    throw new DomainError('forbidden')
  }
  return token
}
