import { type AccountId, REFRESH_TOKEN_TTL_SECONDS, shardOf, WEBSOCKET_PATH } from '@sotto/wire'
import type { FastifyReply } from 'fastify'

/**
 * Tells the gateway which websocket instance the account's other devices are likely connected to.
 * It is one of 64 values and not secret: changing it only leads to a different instance.
 */
const SHARD_COOKIE = 'sotto-shard'

const attributes = { path: WEBSOCKET_PATH, httpOnly: true, sameSite: 'strict' } as const

export function setShardCookie(reply: FastifyReply, accountId: AccountId) {
  const secure = reply.request.protocol === 'https'
  const options = { ...attributes, secure, maxAge: REFRESH_TOKEN_TTL_SECONDS }
  reply.setCookie(SHARD_COOKIE, String(shardOf(accountId)), options)
}

export function clearShardCookie(reply: FastifyReply) {
  reply.clearCookie(SHARD_COOKIE, { ...attributes, secure: reply.request.protocol === 'https' })
}
