import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { StartError, systemCode } from '@sotto/service-runtime'

interface Address {
  host: string
  port: number
  /** The variable that sets the port: `PORT` by default. */
  variable?: 'PORT' | 'HTTP_PORT' | 'HTTPS_PORT'
}

/**
 * Reports an unavailable `port` before anything is started. Waits briefly for a Sotto that is
 * stopping. Throws StartError.
 */
export async function refuseTakenPort(address: Address, patienceMs = 3_000): Promise<void> {
  const code = await portRefusal(address, patienceMs)
  if (code !== undefined) throw new StartError(explain(address, code))
}

/**
 * Why the process cannot listen on a port, as the code of the system error; undefined if it can.
 * Waits at most `patienceMs` for the port to become free.
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
      ? `Port ${port} is in use. Stop the program that uses it. If it is a web server that you need, it can run in front of Sotto: docs/operating.md, "A web server in front". ${variable} sets another port.`
      : `Port ${port} is in use. Stop the program that uses it, or choose another port: PORT=${port + 1} npm start`
  }
  if (code === 'EACCES') {
    return isPublic
      ? `Ordinary users of this machine may not use port ${port}. Root can allow it: sysctl net.ipv4.ip_unprivileged_port_start=${port}, or AmbientCapabilities=CAP_NET_BIND_SERVICE in a systemd unit. Or choose another port with ${variable}, and forward port ${variable === 'HTTP_PORT' ? 80 : 443} to it in the router.`
      : `Ordinary users may not use port ${port}. Set PORT to choose another one.`
  }
  return `Sotto cannot listen on ${host}, port ${port} (${code}).`
}
