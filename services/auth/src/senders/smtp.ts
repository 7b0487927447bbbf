import { createTransport } from 'nodemailer'
import { type CodeSender, codeText, type OutgoingCode, type OutgoingNotice } from './code-sender.ts'

/** How to reach the mail server. */
export interface SmtpOptions {
  /** `smtps://user:password@host`, or `smtp://…` with STARTTLS. */
  readonly url: string
  readonly from: string
  /** Certificates in PEM that are trusted instead of the system's. */
  readonly ca?: string | undefined
  /** `off`: the connection to the mail server is not encrypted. */
  readonly tls: 'required' | 'off'
}

/** Sends codes by email. */
export function smtpSender({ url, from, ca, tls }: SmtpOptions): CodeSender {
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname)
  const transport = createTransport({
    url,
    requireTLS: tls === 'required' && !isLocal,
    ignoreTLS: tls === 'off',
    // The server's own certificate is enough, whoever signed it.
    ...(ca !== undefined && { tls: { ca, allowPartialTrustChain: true } }),
  })
  const send = async (address: string, subject: string, text: string) => {
    await transport.sendMail({ from, to: { name: '', address }, subject, text })
  }
  return Object.assign(
    (outgoing: OutgoingCode) =>
      send(outgoing.address, `${outgoing.code} is your Sotto code`, codeText(outgoing)),
    { tell: ({ address, subject, text }: OutgoingNotice) => send(address, subject, text) },
  )
}
