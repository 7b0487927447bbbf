import { createHmac } from 'node:crypto'
import { type CodeSender, codeText } from './code-sender.ts'
import { postToGateway } from './http-post.ts'

/**
 * Posts `{ channel, address, code, ttlSeconds, text }` as JSON to a program of the operator. The
 * header `sotto-signature: t=SECONDS,v1=HEX` holds HMAC-SHA-256 of `SECONDS.BODY` under the secret.
 */
export function webhookSender(options: {
  url: string
  secret: string
  now?: () => number
}): CodeSender {
  const { url, secret, now = Date.now } = options
  return (outgoing) => {
    const body = JSON.stringify({ ...outgoing, text: codeText(outgoing) })
    const seconds = Math.floor(now() / 1000)
    const mac = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')
    return postToGateway(
      url,
      { 'content-type': 'application/json', 'sotto-signature': `t=${seconds},v1=${mac}` },
      body,
    )
  }
}
