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
  const code = await portRefusal(address, patienceMs)
  if (code !== undefined) throw new StartError(explain(address, code))
}

/**
 * Why a port cannot be listened on, as the code of the system error; undefined when it can. Waits for
 * whoever has it at most `patienceMs`.
 */
export async function portRefusal(address: Address, patienceMs = 0): Promise<string | undefined> {
  const deadline = performance.now() + patienceMs
  let code = await tryPort(address)
  while (code === 'EADDRINUSE' && performance.now() < deadline) {
    await sleep(100)
    code = await tryPort(address)
  }
  return code
}

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
