import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { StartError, systemCode } from '@sotto/service-runtime'
import { type Answer, type Commands, Request, SOCKET } from './commands.ts'

/**
 * Listens on the control socket of `dataFolder`: each connection sends one request, a line of JSON,
 * and gets answers until it ends. The caller has made sure that no other cluster listens there.
 */
export async function serveControl(dataFolder: string, commands: Commands) {
  const path = join(dataFolder, SOCKET)
  await rm(path, { force: true })
  const server = createServer((socket) => void serve(socket, commands))
  // A umask, so that the socket has the right mode from the moment it is created.
  const before = process.umask(0o177)
  try {
    server.listen(path)
    await once(server, 'listening')
  } catch (error) {
    throw new StartError(`The control socket ${path} cannot be created (${systemCode(error)}).`)
  } finally {
    process.umask(before)
  }
  return {
    async close() {
      server.close()
      await rm(path, { force: true })
    },
  }
}

async function serve(socket: Socket, commands: Commands): Promise<void> {
  // The client may disconnect before the answer.
  socket.on('error', () => socket.destroy())
  const say = (answer: Answer) => void socket.write(`${JSON.stringify(answer)}\n`)
  try {
    const [line] = await once(createInterface(socket), 'line')
    const result = await commands(Request.parse(JSON.parse(line)), (text) => say({ line: text }))
    say({ result })
  } catch (error) {
    say({ error: error instanceof Error ? error.message : String(error) })
  }
  socket.end()
}
