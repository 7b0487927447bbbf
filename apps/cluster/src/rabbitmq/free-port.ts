import { createServer } from 'node:net'

/** A free port of the loopback interface. Use it soon, before another process does. */
export async function freePort(wanted = 0): Promise<number> {
  const server = createServer()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject).listen(wanted, '127.0.0.1', resolve)
  await promise
  const address = server.address()
  await new Promise((closed) => server.close(closed))
  if (address === null || typeof address === 'string')
    throw new Error('The operating system assigned no port')
  return address.port
}
