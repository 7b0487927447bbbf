import { DomainError } from '@sotto/service-runtime'
import { ONE_TIME_CODE_TTL_SECONDS } from '@sotto/wire'
import type { TestCodeAnswer } from '@sotto/wire/operator'
import type { Destination } from '../../addresses/destination.ts'
import { parseEmailAddress } from '../../addresses/email-address.ts'
import { ensureServed, parsePhoneNumber } from '../../addresses/phone-number.ts'
import type { AuthContext } from '../../context.ts'
import { newCode } from '../../secrets/one-time-code.ts'
import type { CodeSender } from '../../senders/code-sender.ts'
import { explainFailure } from '../../senders/explain-failure.ts'

/** Shorter than the time limit of a request. */
const SENT_WITHIN_MS = 15_000

/**
 * Sends a code the way real ones are sent, and reports whether it was accepted. It belongs to no
 * challenge and thus proves nothing. Throws the errors of a request for a code to this address.
 */
export async function sendTestCode(
  context: Pick<AuthContext, 'channels' | 'defaultCountry' | 'phonePrefixes'>,
  sendCode: CodeSender,
  given: { phone: string } | { email: string },
): Promise<TestCodeAnswer> {
  const destination = destinationOf(context, given)
  const { channel } = destination
  if (!context.channels.includes(channel)) throw new DomainError('channel_closed')
  const isPrinted = sendCode.printed?.includes(channel) ?? false
  const outgoing = { ...destination, code: newCode(), ttlSeconds: ONE_TIME_CODE_TTL_SECONDS }
  try {
    await within(sendCode(outgoing), SENT_WITHIN_MS)
    return { channel, isTaken: true, isPrinted }
  } catch (error) {
    const { why, reason, status } = explainFailure(error)
    return {
      channel,
      isTaken: false,
      isPrinted,
      why,
      ...(reason !== undefined && { reason }),
      ...(status !== undefined && { status }),
    }
  }
}

function destinationOf(
  { defaultCountry, phonePrefixes }: Pick<AuthContext, 'defaultCountry' | 'phonePrefixes'>,
  given: { phone: string } | { email: string },
): Destination {
  if ('email' in given) return { channel: 'email', address: parseEmailAddress(given.email) }
  const address = parsePhoneNumber(given.phone, defaultCountry)
  ensureServed(address, phonePrefixes)
  return { channel: 'phone', address }
}

async function within(sending: Promise<void>, ms: number): Promise<void> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new DOMException('no answer', 'TimeoutError')), ms)
  await Promise.race([sending, tooLate]).finally(() => clearTimeout(timer))
}
