import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { StartError, systemCode } from './start-error.ts'

interface Address {
  host: string
  port: number
}

/**
 * Says, before anything is started, when `port` cannot be had. Waits a little for a Sotto that is
 * ending. Throws StartError.
 */
export async function refuseTakenPort(address: Address, patienceMs = 3_000): Promise<void> {
  const deadline = performance.now() + patienceMs
  for (;;) {
    const code = await tryPort(address)
    if (code === undefined) return
    if (code !== 'EADDRINUSE' || performance.now() > deadline) {
      throw new StartError(explain(address, code))
    }
    await sleep(100)
  }
}

/** Why a port cannot be listened on, as the code of the system error. */
async function tryPort({ host, port }: Address): Promise<string | undefined> {
  const server = createServer()
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (error) {
    return systemCode(error) ?? 'unknown error'
  }
  server.close()
  await once(server, 'close')
  return undefined
}

function explain({ host, port }: Address, code: string): string {
  if (code === 'EADDRINUSE') {
    return `Port ${port} is taken. End the program that uses it, or choose another: PORT=${port + 1} npm start`
  }
  if (code === 'EACCES') return `Port ${port} is not for ordinary users; PORT chooses another one.`
  return `${host}, port ${port} cannot be listened on (${code}).`
}
