import type { Channel, Destination } from '../addresses/destination.ts'

/** A one-time code with its destination. */
export type OutgoingCode = Destination & { readonly code: string; readonly ttlSeconds: number }

/** A notice to a person. It contains no secret and asks for nothing. */
export type OutgoingNotice = Destination & { readonly subject: string; readonly text: string }

/** Delivers a code to a person. Rejects if it could not be handed over; it is then retried. */
export interface CodeSender {
  (outgoing: OutgoingCode): Promise<void>
  /** The channels that it serves; all if undefined. No one can log in through another one. */
  readonly channels?: readonly Channel[]
  /**
   * The channels whose codes are printed to the terminal instead of being sent; none if undefined.
   */
  readonly printed?: readonly Channel[]
  /** Delivers a notice to a person, if this sender supports that. */
  readonly tell?: (notice: OutgoingNotice) => Promise<void>
}

/** The text for the person. */
export function codeText({ code, ttlSeconds }: OutgoingCode): string {
  const minutes = Math.round(ttlSeconds / 60)
  return `${code} is your Sotto code, valid for ${minutes} minutes. No one will ever ask you for it.`
}

/**
 * Uses different senders for phone numbers and email addresses. A channel without a sender is
 * closed.
 */
export function sendByChannel(senders: Readonly<Partial<Record<Channel, CodeSender>>>): CodeSender {
  const channels = (['phone', 'email'] as const).filter((channel) => senders[channel])
  const printed = channels.filter((channel) => senders[channel]?.printed?.includes(channel))
  const send = async (outgoing: OutgoingCode) => {
    const sender = senders[outgoing.channel]
    if (!sender) throw new Error(`No sender is configured for ${outgoing.channel} codes`)
    await sender(outgoing)
  }
  const tell = async (notice: OutgoingNotice) => senders[notice.channel]?.tell?.(notice)
  return Object.assign(send, { channels, printed, tell })
}
