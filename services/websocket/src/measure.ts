import type { Metrics } from '@sotto/service-runtime'
import type { EnvelopeCollector } from './batching/collect-batch.ts'
import type { Connections } from './connections/connections.ts'

/** The metrics of a running instance. */
export function measureWebsocket(metrics: Metrics) {
  return {
    /** Counts one for each connection that a frame was written to. */
    deliveries: metrics.counter({
      name: 'sotto_deliveries_total',
      help: 'Frames of events pushed to connections',
    }),
    /** From the arrival of an envelope's frame to its verdict. */
    acceptSeconds: metrics.distribution(
      {
        name: 'sotto_accept_seconds',
        help: 'Time from the frame of an envelope to its acceptance',
      },
      [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5],
    ),
  }
}

/** Metrics that can be read at any time. */
export function measureInstance(
  metrics: Metrics,
  connections: Connections,
  envelopes: EnvelopeCollector,
) {
  const ofConnections = { name: 'sotto_connections', help: 'Open device connections' }
  metrics.gauge(ofConnections, () => connections.authenticated, { state: 'authenticated' })
  metrics.gauge(ofConnections, () => connections.size - connections.authenticated, {
    state: 'other',
  })
  metrics.gauge(
    { name: 'sotto_envelopes_waiting', help: 'Envelopes waiting for a batch' },
    () => envelopes.waiting,
  )
  metrics.gauge(
    { name: 'sotto_batches_undecided', help: 'Batches sent to the chat service and not answered' },
    () => envelopes.batchesInFlight,
  )
}
