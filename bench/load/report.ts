import type { InsertLimit } from './limits/postgres-insert.ts'
import type { RelayLimit } from './limits/ws-relay.ts'
import type { EncryptedChat } from './scenarios/encrypted-chat.ts'
import type { FanOut } from './scenarios/fan-out.ts'
import type { IdleConnections, NewConnections } from './scenarios/idle-connections.ts'
import type { MessageCost } from './scenarios/message-cost.ts'
import type { PageOfLog } from './scenarios/page-of-log.ts'
import type { SteadyRate } from './scenarios/steady-rate.ts'
import type { WaitingMessages } from './scenarios/waiting-messages.ts'
import type { TopologyName } from './topology.ts'

/** P9: P1 and P7 with many stored envelopes, and how many times as much they cost as before. */
export interface Growth {
  rows: number
  P1: MessageCost
  P7: PageOfLog
  costRatio: number
  pageRatio: number
}

/** The figures of the scenarios that were run. The names of times and rates contain their units. */
export interface Scenarios {
  P1?: MessageCost & { oneInFlight: MessageCost }
  P2?: Pick<MessageCost, 'deliveredPerSecond'>
  P3?: SteadyRate
  P4?: FanOut
  P5?: IdleConnections
  P6?: NewConnections
  P7?: PageOfLog
  P8?: WaitingMessages
  P9?: Growth
  encrypted?: EncryptedChat
}

/** The figures of bare `ws` and PostgreSQL in the same run. */
export interface Limits {
  wsRelay?: RelayLimit & { oneInFlight: RelayLimit }
  postgresInsert?: InsertLimit & { batchOf10: InsertLimit; single: InsertLimit }
}

export interface Report {
  topology: TopologyName
  scenarios: Scenarios
  limits: Limits
}

/** Prints a readable report: a line for each scenario and each limit. */
export function printReport({ topology, scenarios, limits }: Report): void {
  console.log(`\n${topology}`)
  for (const [name, figures] of Object.entries(scenarios)) print(name, figures)
  for (const [name, figures] of Object.entries(limits)) print(`limit: ${name}`, figures)
}

function print(name: string, figures: object) {
  const isNested = ([, value]: [string, unknown]) => typeof value === 'object'
  const entries = Object.entries(figures)
  const parts = entries.filter((entry) => !isNested(entry)).map(([key, value]) => `${key} ${value}`)
  console.log(`${name.padEnd(28)} ${parts.join('   ')}`)
  for (const [key, nested] of entries.filter(isNested)) print(`${name}, ${key}`, nested)
}
