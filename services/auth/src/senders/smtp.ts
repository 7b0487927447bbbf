import { createTransport } from 'nodemailer'
import { type CodeSender, codeText, type OutgoingCode, type OutgoingNotice } from './code-sender.ts'

/** How the mail server is reached. */
export interface SmtpOptions {
  /** `smtps://user:password@host`, or `smtp://…` with STARTTLS. */
  readonly url: string
  readonly from: string
  /** Certificates in PEM that are believed instead of those which the system knows. */
  readonly ca?: string | undefined
  /** `off`: nothing is encrypted on the way to the mail server. */
  readonly tls: 'required' | 'off'
}

/** Sends codes by e-mail. */
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
