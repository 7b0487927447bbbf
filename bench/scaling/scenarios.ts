import type { Assumptions, Bounds } from './model.ts'

/** One kind of user behavior, for three numbers of people. */
const people: Omit<Assumptions, 'accounts'> = {
  messagesPerDay: 40,
  peakFactor: 4,
  connectedShare: 0.5,
  devicesPerAccount: 1.5,
  recipients: 1,
  ciphertextBytes: 860,
  requestsPerHour: 12,
  keptDays: 365,
}

export const scenarios: readonly Assumptions[] = [10_000, 1_000_000, 100_000_000].map(
  (accounts) => ({ ...people, accounts }),
)

/** The planned limits of each part; docs/scaling.md explains them. */
export const bounds: Bounds = {
  cpuShare: 0.5,
  connectionsPerInstance: 30_000,
  // Four workers with 16,384 sockets each, of which a connection takes two.
  connectionsPerGateway: 30_000,
  coresPerDatabase: 32,
  bytesPerDatabase: 4 * 2 ** 40,
  messagesPerBroker: 20_000,
}
