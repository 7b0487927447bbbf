import { type CodeSender, codeText, type OutgoingCode, type OutgoingNotice } from './code-sender.ts'
import { postToGateway } from './http-post.ts'

/**
 * Sends codes by SMS through Twilio's API, or through another gateway with the same API at
 * `apiUrl`.
 */
export function twilioSender(options: {
  accountSid: string
  authToken: string
  /** A phone number, or the id of a messaging service (`MG…`). */
  from: string
  apiUrl: string
}): CodeSender {
  const { accountSid, authToken, from, apiUrl } = options
  const url = `${apiUrl}/2010-04-01/Accounts/${encodeURIComponent(accountSid)}/Messages.json`
  const credentials = Buffer.from(`${accountSid}:${authToken}`).toString('base64')
  const sender = from.startsWith('MG') ? { MessagingServiceSid: from } : { From: from }
  const send = (address: string, text: string) =>
    postToGateway(
      url,
      {
        authorization: `Basic ${credentials}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      new URLSearchParams({ ...sender, To: address, Body: text }).toString(),
    )
  return Object.assign((outgoing: OutgoingCode) => send(outgoing.address, codeText(outgoing)), {
    tell: ({ address, text }: OutgoingNotice) => send(address, text),
  })
}
