import type { KnownEnvelope } from '../../../services/chat/src/store/envelopes.ts'

export * from '../../../services/chat/src/store/envelopes.ts'

/** The planted bug: an envelope that comes again is taken for another one. */
export async function findKnown(): Promise<readonly KnownEnvelope[]> {
  return []
}
