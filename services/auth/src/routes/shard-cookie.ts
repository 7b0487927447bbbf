import { type AccountId, REFRESH_TOKEN_TTL_SECONDS, shardOf, WEBSOCKET_PATH } from '@sotto/wire'
import type { FastifyReply } from 'fastify'

/**
 * Tells the gateway which websocket instance the other devices of an account are likely to be at. One
 * of 64 values, no secret: whoever changes it is connected elsewhere, and nothing else happens.
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
