import { startAllInOne } from './topologies/all-in-one.ts'
import { startCluster } from './topologies/cluster.ts'
import type { Topology, TopologyName } from './topology.ts'

/**
 * One machine simulates thousands of people, so the limits per address, account and connection are
 * raised.
 */
const environment = { RATE_LIMIT_FACTOR: '100000', MAX_CONNECTIONS_PER_ADDRESS: '20000' }

/** Starts a Sotto with fresh data, which is deleted when it is disposed of. */
export async function startTopology(name: TopologyName): Promise<Topology> {
  return name === 'all-in-one' ? startAllInOne(environment) : startCluster(environment)
}
