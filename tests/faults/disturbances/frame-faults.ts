import type { Tampering } from '../../network/tampering-proxy.ts'

const MAY_SUFFER = /^\{"type":"(envelopes|verdicts|receipts|conversation_changed|typing)"/
const MAY_REPEAT = /^\{"type":"(send|receipts)"/
const LONGEST_DELAY_MS = 80

/**
 * The worst that a link can do. Frames to a device get lost, duplicated and reordered. Frames to
 * the server only get duplicated: on one connection nothing can be reordered, and a loss ends the
 * connection.
 */
export function frameFaults(random: () => number): Tampering {
  return {
    fromClient: (frame) => (MAY_REPEAT.test(frame) && random() < 0.2 ? [frame, frame] : [frame]),
    fromServer(frame, toClient) {
      if (!MAY_SUFFER.test(frame)) return [frame]
      const fate = random()
      if (fate < 0.1) return []
      if (fate < 0.25) return [frame, frame]
      if (fate < 0.5) {
        setTimeout(() => toClient(frame), random() * LONGEST_DELAY_MS)
        return []
      }
      return [frame]
    },
  }
}
