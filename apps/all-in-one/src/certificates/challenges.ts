import { type App, createApp, type Logger, setApiHeaders } from '@sotto/service-runtime'

/** The path that an authority requests (RFC 8555 §8.3). */
const CHALLENGE_PATH = '/.well-known/acme-challenge/'

/** The expected answers to an authority, by token. */
export type Challenges = Map<string, string>

/**
 * The server on the port for plain HTTP: it answers the authority, and redirects everyone else to
 * the same page of `publicUrl`.
 */
export function createPlainServer(log: Logger, challenges: Challenges, publicUrl: string): App {
  const app = createApp({ log })
  app.get<{ Params: { token: string } }>(`${CHALLENGE_PATH}:token`, async (request, reply) => {
    setApiHeaders(reply)
    const answer = challenges.get(request.params.token)
    return answer === undefined
      ? reply.code(404).send()
      : reply.type('application/octet-stream').send(answer)
  })
  app.route({
    method: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    url: '*',
    // Before any body is read: there is no reason to send one here.
    onRequest: async ({ raw: { url = '/' } }, reply) => {
      setApiHeaders(reply)
      // RFC 9112 §3.2: a target may be a complete URL or `*`.
      const path = url.startsWith('/') ? url : '/'
      return reply.redirect(`${publicUrl}${path}`, 308)
    },
    handler: async () => undefined,
  })
  return app
}
