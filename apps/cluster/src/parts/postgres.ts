import { once } from 'node:events'
import { connect } from 'node:net'
import { startEmbeddedPostgres } from '@sotto/all-in-one'
import type { Part } from './part.ts'

/** A PostgreSQL of the cluster's own, with the superuser's address once it has been started. */
export interface PostgresPart extends Part {
  readonly url: () => string
}

export function postgresPart(dataFolder: string, port: number): PostgresPart {
  let url: string | undefined
  return {
    name: 'postgres',
    port,
    url() {
      if (url === undefined) throw new Error('PostgreSQL has not been started')
      return url
    },
    isReady: () => accepts(port),
    async start() {
      const postgres = await startEmbeddedPostgres({ dataFolder, port, endsWithStarter: true })
      url = postgres.url
      return postgres
    },
  }
}

/** Whether somebody takes connections on a port of this machine. */
export async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
