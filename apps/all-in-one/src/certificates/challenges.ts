import { type App, createApp, type Logger, setApiHeaders } from '@sotto/service-runtime'

/** Where an authority looks (RFC 8555 §8.3). */
const CHALLENGE_PATH = '/.well-known/acme-challenge/'

/** What an authority is to find at the domain: answers by token. */
export type Challenges = Map<string, string>

/**
 * What answers on the port for plain HTTP: the authority gets what it looks for, everybody else is sent to
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
    // Before a body is looked at: whoever sends one gets no further here.
    onRequest: async ({ raw: { url = '/' } }, reply) => {
      setApiHeaders(reply)
      // RFC 9112 §3.2: a target may be a whole address, or `*`.
      const path = url.startsWith('/') ? url : '/'
      return reply.redirect(`${publicUrl}${path}`, 308)
    },
    handler: async () => undefined,
  })
  return app
}
