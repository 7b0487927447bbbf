import { measureInserts } from './limits/postgres-insert.ts'
import { measureRelay } from './limits/ws-relay.ts'
import type { Options } from './options.ts'
import type { Limits } from './report.ts'
import type { Progress } from './run-scenarios.ts'
import type { Topology } from './topology.ts'

const PAIRS = 50
const IN_FLIGHT = 16

/** The most that Node and PostgreSQL can do on this machine at this moment. */
export async function runLimits(
  topology: Topology,
  { wants, seconds }: Options,
  progress: Progress,
): Promise<Limits> {
  if (!wants('limits')) return {}
  progress('limits: ws relay, PostgreSQL inserts')
  const relay = (inFlight: number) => measureRelay({ pairs: PAIRS, inFlight, seconds })
  const inserts = (batch: number) => measureInserts(topology, { batch, seconds })
  return {
    wsRelay: { ...(await relay(IN_FLIGHT)), oneInFlight: await relay(1) },
    postgresInsert: {
      ...(await inserts(100)),
      batchOf10: await inserts(10),
      single: await inserts(1),
    },
  }
}
