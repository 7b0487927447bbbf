import { parseArgs } from 'node:util'
import type { TopologyName } from './topology.ts'

const ALL = ['P1', 'P2', 'P3', 'P4', 'P5', 'P6', 'P7', 'P8', 'P9', 'limits'] as const
export type ScenarioName = (typeof ALL)[number]

/** The parsed command line. */
export interface Options {
  readonly topology: TopologyName
  readonly isJson: boolean
  /** How long each figure is measured. */
  readonly seconds: number
  /** Stored envelopes for P9. */
  readonly rows: number
  /** Whether real clients with real encryption are measured instead. */
  readonly isEncrypted: boolean
  wants(...names: ScenarioName[]): boolean
}

/** Parses the command line. Throws for unknown options. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      topology: { type: 'string', default: 'all-in-one' },
      json: { type: 'boolean', default: false },
      seconds: { type: 'string', default: '5' },
      only: { type: 'string', default: ALL.join(',') },
      rows: { type: 'string', default: '1000000' },
      encrypt: { type: 'boolean', default: false },
    },
  })
  const { topology } = values
  if (topology !== 'all-in-one' && topology !== 'cluster') {
    throw new Error(`--topology must be all-in-one or cluster, not ${topology}`)
  }
  const only = new Set(values.only.split(','))
  const unknown = [...only].find((name) => !ALL.some((one) => one === name))
  if (unknown !== undefined) throw new Error(`--only takes ${ALL.join(',')}, not ${unknown}`)
  return {
    topology,
    isJson: values.json,
    seconds: Number(values.seconds),
    rows: Number(values.rows),
    isEncrypted: values.encrypt,
    wants: (...names) => names.some((name) => only.has(name)),
  }
}
