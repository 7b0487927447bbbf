import { ClientError } from '../api/errors.ts'
import type { DoubtView } from '../api/views.ts'

export const NO_DOUBT: DoubtView = { untrustedAt: null, unknownProtocols: [] }

/** The doubt about the server's answers, after an error at `now`. */
export function doubtAfter(doubt: DoubtView, error: unknown, now: number): DoubtView {
  if (!(error instanceof ClientError)) return doubt
  if (error.code === 'untrusted_answer') return { ...doubt, untrustedAt: now }
  const protocol = error.code === 'protocol_not_supported' && error.details?.protocol
  if (typeof protocol !== 'string' || doubt.unknownProtocols.includes(protocol)) return doubt
  return { ...doubt, unknownProtocols: [...doubt.unknownProtocols, protocol] }
}
