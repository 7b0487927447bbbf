import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { eventually } from '../network/eventually.ts'
import type { Place } from '../network/people.ts'
import { ClusterProcess } from '../programs/cluster-process.ts'

/**
 * A cluster as operators run it: over TLS, in production mode, with codes that are sent by a
 * webhook.
 */
export interface ProductionCluster extends AsyncDisposable {
  readonly cluster: ClusterProcess
  /** The place where people sign up. */
  readonly place: Place
}

export async function startProduction(): Promise<ProductionCluster> {
  const codes = new Map<string, string>()
  const gateway = createServer(async (request, response) => {
    const { address, code } = (await json(request)) as { address: string; code: string }
    codes.set(address, code)
    response.end()
  }).listen(0, '127.0.0.1')
  await once(gateway, 'listening')
  const { port } = gateway.address() as AddressInfo
  const cluster = await ClusterProcess.start(
    {
      NODE_ENV: 'production',
      SIGN_UP: 'open',
      MAIL_SENDER: 'webhook',
      SMS_SENDER: 'webhook',
      CODE_WEBHOOK_URL: `http://127.0.0.1:${port}/codes`,
      CODE_WEBHOOK_SECRET: 'w3bh00k-of-the-tests-Qz81xKp0Lm5v',
    },
    { tls: true },
  )
  let phones = 0
  return {
    cluster,
    place: {
      origin: cluster.origin,
      newPhone: () => `+4915123${String(++phones).padStart(6, '0')}`,
      async codeFor(address) {
        const code = await eventually(`a code for ${address}`, () => codes.get(address))
        codes.delete(address)
        return code
      },
    },
    async [Symbol.asyncDispose]() {
      await cluster[Symbol.asyncDispose]()
      gateway.close()
    },
  }
}
