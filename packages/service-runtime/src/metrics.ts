import { collectDefaultMetrics, Histogram, Registry } from 'prom-client'

/** The metrics of a process, for Prometheus. None has a label whose values people choose. */
export type Metrics = ReturnType<typeof createMetrics>

/** Makes the metrics of one process; services that share a process share them. */
export function createMetrics() {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  return {
    contentType: registry.contentType,
    /** All values, in the text format of Prometheus. */
    read: () => registry.metrics(),
    httpRequestSeconds: new Histogram({
      name: 'sotto_http_request_seconds',
      help: 'Time to answer a request, by route and status',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
      registers,
    }),
  }
}
