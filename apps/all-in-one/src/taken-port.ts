import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { StartError, systemCode } from '@sotto/service-runtime'

interface Address {
  host: string
  port: number
  /** Which variable chooses the port: `PORT` by default. */
  variable?: 'PORT' | 'HTTP_PORT' | 'HTTPS_PORT'
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

function explain({ host, port, variable = 'PORT' }: Address, code: string): string {
  const isPublic = variable !== 'PORT'
  if (code === 'EADDRINUSE') {
    return isPublic
      ? `Port ${port} is taken. End the program that uses it. If it is a web server that you need, it can stand in front of Sotto: docs/operating.md, "A web server in front". ${variable} chooses another port.`
      : `Port ${port} is taken. End the program that uses it, or choose another: PORT=${port + 1} npm start`
  }
  if (code === 'EACCES') {
    return isPublic
      ? `Port ${port} is not for ordinary users of this machine. Root can allow it: sysctl net.ipv4.ip_unprivileged_port_start=${port}, or AmbientCapabilities=CAP_NET_BIND_SERVICE in a unit of systemd. Or choose another with ${variable}, and let the router lead port ${variable === 'HTTP_PORT' ? 80 : 443} there.`
      : `Port ${port} is not for ordinary users; PORT chooses another one.`
  }
  return `${host}, port ${port} cannot be listened on (${code}).`
}
