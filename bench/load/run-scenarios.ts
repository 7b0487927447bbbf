import { type Account, signUpMany, startConversation } from './accounts.ts'
import type { Options } from './options.ts'
import { endPairs, type Pair, startPairs } from './pairs.ts'
import type { Growth, Scenarios } from './report.ts'
import { measureFanOut } from './scenarios/fan-out.ts'
import { measureIdleConnections, measureNewConnections } from './scenarios/idle-connections.ts'
import { measureMessageCost } from './scenarios/message-cost.ts'
import { measurePages } from './scenarios/page-of-log.ts'
import { measureSteadyRate } from './scenarios/steady-rate.ts'
import { type FilledLog, measureWaiting } from './scenarios/waiting-messages.ts'
import { fillDatabase, fillLog, withDatabase } from './stored-envelopes.ts'
import type { Topology } from './topology.ts'

const PAIRS = 50
const IN_FLIGHT = 16
const ONLINE = 500
const NEW_CONNECTIONS = 2_200
const IDLE_ACCOUNTS = 400
const LONG_LOG = 100_000

/** Called when a step begins, to show progress. */
export type Progress = (what: string) => void

/** Runs the requested scenarios one after the other. */
export async function runScenarios(
  topology: Topology,
  options: Options,
  progress: Progress,
): Promise<Scenarios> {
  const { wants } = options
  // Connections first: their memory is measurable in a process that has not grown yet.
  const scenarios: Scenarios = await runConnections(topology, options, progress)
  if (wants('P1', 'P2', 'P3', 'P9')) {
    Object.assign(scenarios, await runPairs(topology, options, progress))
  }
  if (wants('P7', 'P8', 'P9')) {
    Object.assign(scenarios, await runLogs(topology, options, progress))
  }
  const { P1, P7 } = scenarios
  if (wants('P9') && P1 && P7) {
    scenarios.P9 = await runGrown(topology, options, { P1, P7 }, progress)
  }
  return scenarios
}

async function runConnections(
  topology: Topology,
  { wants, seconds }: Options,
  progress: Progress,
): Promise<Scenarios> {
  const scenarios: Scenarios = {}
  const accounts: Account[] = []
  const signUp = async (count: number) => {
    if (count > accounts.length) progress(`${count} people sign up`)
    accounts.push(...(await signUpMany(topology, count - accounts.length)))
    return accounts.slice(0, count)
  }
  if (wants('P5')) {
    const few = await signUp(IDLE_ACCOUNTS)
    progress('P5: idle connections')
    scenarios.P5 = await measureIdleConnections(topology, few)
  }
  if (wants('P4')) {
    const group = await signUp(ONLINE + 1)
    progress(`P4: to ${ONLINE} online`)
    scenarios.P4 = await measureFanOut(topology, group, seconds)
  }
  if (wants('P6')) {
    const many = await signUp(NEW_CONNECTIONS)
    progress('P6: new connections')
    scenarios.P6 = await measureNewConnections(topology, many)
  }
  return scenarios
}

async function runPairs(
  topology: Topology,
  { wants, seconds }: Options,
  progress: Progress,
): Promise<Scenarios> {
  const scenarios: Scenarios = {}
  await withPairs(topology, async (pairs) => {
    if (wants('P1', 'P2', 'P9')) {
      progress(`P1, P2: ${PAIRS} pairs`)
      const cost = await measureMessageCost(topology, pairs, { inFlight: IN_FLIGHT, seconds })
      const oneInFlight = await measureMessageCost(topology, pairs, { inFlight: 1, seconds })
      scenarios.P1 = { ...cost, oneInFlight }
      scenarios.P2 = { deliveredPerSecond: cost.deliveredPerSecond }
    }
    if (wants('P3')) {
      progress('P3: 200 a second')
      scenarios.P3 = await measureSteadyRate(topology, pairs, seconds)
    }
  })
  return scenarios
}

async function runLogs(
  topology: Topology,
  { wants, seconds }: Pick<Options, 'wants' | 'seconds'>,
  progress: Progress,
): Promise<Pick<Scenarios, 'P7' | 'P8'>> {
  const scenarios: Scenarios = {}
  if (wants('P7', 'P9')) {
    progress('P7: pages of a long log')
    scenarios.P7 = await measurePages(topology, await filledLog(topology, LONG_LOG), seconds)
  }
  if (wants('P8')) {
    progress('P8: envelopes that wait')
    const waiting = await filledLog(topology, 1_000)
    scenarios.P8 = await measureWaiting(topology, waiting, await filledLog(topology, 10_000))
  }
  return scenarios
}

async function filledLog(topology: Topology, length: number): Promise<FilledLog> {
  const [author, reader] = (await signUpMany(topology, 2)) as [Account, Account]
  const conversationId = await startConversation(topology, author, reader)
  await withDatabase(topology, (sql) => fillLog(sql, conversationId, length))
  return { reader, conversationId, length }
}

async function runGrown(
  topology: Topology,
  { rows, seconds }: Options,
  before: Required<Pick<Scenarios, 'P1' | 'P7'>>,
  progress: Progress,
): Promise<Growth> {
  progress(`P9: ${rows} envelopes are stored`)
  await withDatabase(topology, (sql) => fillDatabase(sql, rows))
  const P7 = await measurePages(topology, await filledLog(topology, LONG_LOG), seconds)
  const P1 = await withPairs(topology, (pairs) =>
    measureMessageCost(topology, pairs, { inFlight: IN_FLIGHT, seconds }),
  )
  const ratio = (now: number, then: number) => Math.round((100 * now) / then) / 100
  return {
    rows,
    P1,
    P7,
    costRatio: ratio(P1.cpuMicrosPerMessage, before.P1.cpuMicrosPerMessage),
    pageRatio: ratio(P7.p50Ms, before.P7.p50Ms),
  }
}

async function withPairs<T>(
  topology: Topology,
  act: (pairs: readonly Pair[]) => Promise<T>,
): Promise<T> {
  const pairs = await startPairs(topology, PAIRS)
  try {
    return await act(pairs)
  } finally {
    await endPairs(pairs)
  }
}
