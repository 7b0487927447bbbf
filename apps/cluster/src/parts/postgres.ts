import { startEmbeddedPostgres } from '@sotto/local-postgres'
import { acceptsConnections } from '../accepts-connections.ts'
import type { Part } from './part.ts'

/** The cluster's own PostgreSQL, with the superuser's URL after it was started. */
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
    isReady: () => acceptsConnections(port),
    async start() {
      const postgres = await startEmbeddedPostgres({ dataFolder, port, endsWithStarter: true })
      url = postgres.url
      return postgres
    },
  }
}
