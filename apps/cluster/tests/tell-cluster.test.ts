import { expect, test } from 'vitest'
import { tellCluster } from '../src/control/tell-cluster.ts'

test('a command for a cluster that does not run is told the folder where it was looked for', async () => {
  const dataFolder = `/nonexistent/${crypto.randomUUID()}`
  const told = tellCluster(dataFolder, { command: 'status', args: [] })

  await expect(told).rejects.toThrow(`No cluster is running on ${dataFolder}.`)
})
