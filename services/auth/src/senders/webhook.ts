import { createHmac } from 'node:crypto'
import { type CodeSender, codeText, type OutgoingCode, type OutgoingNotice } from './code-sender.ts'
import { postToGateway } from './http-post.ts'

/**
 * Posts `{ channel, address, code, ttlSeconds, text }` as JSON to a program of the operator, and a
 * notice as `{ channel, address, subject, text }`. The header `sotto-signature: t=SECONDS,v1=HEX`
 * contains HMAC-SHA-256 of `SECONDS.BODY` under the secret.
 */
export function webhookSender(options: {
  url: string
  secret: string
  now?: () => number
}): CodeSender {
  const { url, secret, now = Date.now } = options
  const post = (message: object) => {
    const body = JSON.stringify(message)
    const seconds = Math.floor(now() / 1000)
    const mac = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')
    return postToGateway(
      url,
      { 'content-type': 'application/json', 'sotto-signature': `t=${seconds},v1=${mac}` },
      body,
    )
  }
  return Object.assign(
    (outgoing: OutgoingCode) => post({ ...outgoing, text: codeText(outgoing) }),
    { tell: (notice: OutgoingNotice) => post(notice) },
  )
}
