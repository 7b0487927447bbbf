import type { KnownEnvelope } from '../../../services/chat/src/store/envelopes/envelopes.ts'

export * from '../../../services/chat/src/store/envelopes/envelopes.ts'

/** The planted bug: an envelope that comes again is taken for another one. */
export async function findKnown(): Promise<readonly KnownEnvelope[]> {
  return []
}
