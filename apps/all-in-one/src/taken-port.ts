import { once } from 'node:events'
import { createServer } from 'node:net'
import { StartError, systemCode } from './start-error.ts'

/** Says at once, before anything is started, when `port` cannot be had. Throws StartError. */
export async function refuseTakenPort({
  host,
  port,
}: {
  host: string
  port: number
}): Promise<void> {
  const server = createServer()
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (error) {
    throw new StartError(explain(host, port, systemCode(error)))
  }
  server.close()
  await once(server, 'close')
}

function explain(host: string, port: number, code: string | undefined): string {
  if (code === 'EADDRINUSE') {
    return `Port ${port} is taken. End the program that uses it, or choose another: PORT=${port + 1} npm start`
  }
  if (code === 'EACCES') return `Port ${port} is not for ordinary users; PORT chooses another one.`
  return `${host}, port ${port} cannot be listened on (${code}).`
}
