import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { figures } from '../figures.ts'
import { type Assumptions, size } from '../model.ts'
import { bounds, scenarios } from '../scenarios.ts'
import { printTables } from '../tables.ts'

const some: Assumptions = {
  accounts: 86_400,
  messagesPerDay: 10,
  peakFactor: 3,
  connectedShare: 0.5,
  devicesPerAccount: 2,
  recipients: 1,
  ciphertextBytes: 1_000,
  requestsPerHour: 36,
  keptDays: 10,
}

test('the load is computed for the peak', () => {
  const sizing = size(some, figures, bounds)
  expect(sizing.messagesPerSecond).toBe(30)
  // One connected device of the recipient, and the sender's other one.
  expect(sizing.deliveriesPerSecond).toBe(60)
  expect(sizing.connections).toBe(86_400)
})

test('cores are the cost of a message times the number of messages, divided by the allowed load of a core', () => {
  const { cores, totalCores } = size(some, figures, bounds)
  expect(cores.chat).toBeCloseTo((30 * figures.microsPerMessage.chat) / 1e6)
  expect(cores.requests).toBeCloseTo((432 * figures.microsPerRequest) / 1e6)
  const busy = Object.values(cores).reduce((sum, one) => sum + one, 0)
  expect(totalCores).toBeCloseTo(busy / bounds.cpuShare)
})

test('storage includes rows and indexes', () => {
  const { diskGibPerDay, keptTib } = size(some, figures, bounds)
  const bytes = 864_000 * (1_000 + figures.rowOverheadBytes)
  expect(diskGibPerDay).toBeCloseTo(bytes / 2 ** 30)
  expect(keptTib).toBeCloseTo((bytes * 10) / 2 ** 40)
})

test('any single part may fail, so there are never fewer than two instances', () => {
  const { instances } = size({ ...some, accounts: 10 }, figures, bounds)
  expect(Object.values(instances)).toEqual([2, 2, 2, 2])
})

test('connections require websocket instances before the CPU does', () => {
  const { instances } = size({ ...some, messagesPerDay: 0 }, figures, bounds)
  expect(instances.websocket).toBe(Math.ceil(86_400 / bounds.connectionsPerInstance))
})

test('a hundred times the people need about a hundred times the parts', () => {
  const [, million, hundredMillion] = scenarios.map((one) => size(one, figures, bounds))
  if (million === undefined || hundredMillion === undefined) throw new Error('no scenarios')
  expect(hundredMillion.totalCores / million.totalCores).toBeCloseTo(100)
  expect(hundredMillion.databases).toBeGreaterThan(80 * million.databases)
})

test('docs/scaling.md contains the tables that the model prints', () => {
  const file = new URL('../../../docs/scaling.md', import.meta.url)
  const text = readFileSync(file, 'utf8')
  expect(text).toContain(printTables())
})
