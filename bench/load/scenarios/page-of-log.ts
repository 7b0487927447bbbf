import { randomInt } from 'node:crypto'
import { callForText } from '../http.ts'
import { latencies } from '../percentiles.ts'
import type { Topology } from '../topology.ts'
import type { FilledLog } from './waiting-messages.ts'

const PAGE = 50

/** Figures of P7. */
export interface PageOfLog {
  p50Ms: number
  p99Ms: number
}

/** P7: pages of 50 from the middle of a long log, one after the other. */
export async function measurePages(
  { origin }: Topology,
  { reader, conversationId, length }: FilledLog,
  seconds: number,
): Promise<PageOfLog> {
  const ages: number[] = []
  const start = performance.now()
  while (performance.now() - start < (seconds + 1) * 1000) {
    const before = randomInt(PAGE + 1, length)
    const path = `/conversations/${conversationId}/envelopes?before=${before}&limit=${PAGE}`
    const sentAt = performance.now()
    const text = await callForText(origin, { method: 'GET', path, token: reader.token })
    // The first second is a warm-up.
    if (sentAt - start > 1000) ages.push(performance.now() - sentAt)
    if (JSON.parse(text).envelopes.length !== PAGE) throw new Error('The page is incomplete')
  }
  return latencies(ages)
}
