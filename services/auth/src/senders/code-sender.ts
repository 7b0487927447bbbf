import type { Destination } from '../store/challenges.ts'

/** A one-time code on its way to a person. */
export type OutgoingCode = Destination & { readonly code: string; readonly ttlSeconds: number }

/** Brings a code to its person. Rejects when it could not be handed over; it is then tried again. */
export type CodeSender = (outgoing: OutgoingCode) => Promise<void>

/** What a person reads. */
export function codeText({ code, ttlSeconds }: OutgoingCode): string {
  const minutes = Math.round(ttlSeconds / 60)
  return `${code} is your Sotto code, valid for ${minutes} minutes. Nobody will ever ask you for it.`
}

/** Sends codes for phones and codes for e-mail addresses in different ways. */
export function sendByChannel(senders: { phone: CodeSender; email: CodeSender }): CodeSender {
  return (outgoing) => senders[outgoing.channel](outgoing)
}
