import type { Topology } from '../load/topology.ts'

/** The result of an attack. */
export interface Figure {
  readonly what: string
  readonly value: number
  readonly unit: string
  /** The limit above which the result is a failure. Without one, it is only reported. */
  readonly atMost?: number
}

/** A hostile client that runs for a limited time. */
export interface Scenario {
  /** Variables of the server, if the defaults would prevent the attack from being tried at all. */
  readonly environment?: NodeJS.ProcessEnv
  run(server: Topology, options: { seconds: number }): Promise<readonly Figure[]>
}
