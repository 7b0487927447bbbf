import { expect, test } from 'vitest'
import { tellCluster } from '../src/control/tell-cluster.ts'

test('where no cluster runs, whoever asks learns in which folder that is', async () => {
  const dataFolder = `/nonexistent/${crypto.randomUUID()}`
  const told = tellCluster(dataFolder, { command: 'status', args: [] })

  await expect(told).rejects.toThrow(`No cluster is running on ${dataFolder}.`)
})
