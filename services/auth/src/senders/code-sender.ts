import type { Channel, Destination } from '../addresses/destination.ts'

/** A one-time code on its way to a person. */
export type OutgoingCode = Destination & { readonly code: string; readonly ttlSeconds: number }

/** Words to a person that hold no secret and ask for nothing. */
export type OutgoingNotice = Destination & { readonly subject: string; readonly text: string }

/** Brings a code to its person. Rejects when it could not be handed over; it is then tried again. */
export interface CodeSender {
  (outgoing: OutgoingCode): Promise<void>
  /** The channels it serves; all when it does not say. Nobody can log in by another one. */
  readonly channels?: readonly Channel[]
  /** The channels whose codes nobody is sent: whoever started the program reads them. None when it does not say. */
  readonly printed?: readonly Channel[]
  /** Brings a notice to its person, where this sender can. */
  readonly tell?: (notice: OutgoingNotice) => Promise<void>
}

/** What a person reads. */
export function codeText({ code, ttlSeconds }: OutgoingCode): string {
  const minutes = Math.round(ttlSeconds / 60)
  return `${code} is your Sotto code, valid for ${minutes} minutes. Nobody will ever ask you for it.`
}

/** Sends codes for phones and codes for e-mail addresses in different ways, or not at all. */
export function sendByChannel(senders: Readonly<Partial<Record<Channel, CodeSender>>>): CodeSender {
  const channels = (['phone', 'email'] as const).filter((channel) => senders[channel])
  const printed = channels.filter((channel) => senders[channel]?.printed?.includes(channel))
  const send = async (outgoing: OutgoingCode) => {
    const sender = senders[outgoing.channel]
    if (!sender) throw new Error(`no codes go out by ${outgoing.channel}`)
    await sender(outgoing)
  }
  const tell = async (notice: OutgoingNotice) => senders[notice.channel]?.tell?.(notice)
  return Object.assign(send, { channels, printed, tell })
}
