import { createTransport } from 'nodemailer'
import { type CodeSender, codeText } from './code-sender.ts'

/** Sends codes by e-mail. `url` is `smtps://user:password@host` or `smtp://…` with STARTTLS. */
export function smtpSender({ url, from }: { url: string; from: string }): CodeSender {
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname)
  const transport = createTransport({ url, requireTLS: !isLocal })
  return async (outgoing) => {
    await transport.sendMail({
      from,
      to: { name: '', address: outgoing.address },
      subject: `${outgoing.code} is your Sotto code`,
      text: codeText(outgoing),
    })
  }
}
