import type { Topology } from '../load/topology.ts'

/** What came of an attack. */
export interface Figure {
  readonly what: string
  readonly value: number
  readonly unit: string
  /** The bar: more than this is a failure. Nothing is judged without one. */
  readonly atMost?: number
}

/** A hostile client, bounded in time. */
export interface Scenario {
  /** Variables of the server, where the usual ones would keep the attack from being tried at all. */
  readonly environment?: NodeJS.ProcessEnv
  run(server: Topology, options: { seconds: number }): Promise<readonly Figure[]>
}
