import fastifyStatic from '@fastify/static'
import { type App, setStrictTransport } from '@sotto/service-runtime'
import { cacheControlOf, securityHeadersOf } from '../../../gateway/security-headers.ts'

/** Serves the built web app in `folder`: exactly its current files, and `index.html` at `/`. */
export async function serveWebApp(app: App, folder: string): Promise<void> {
  await app.register(async (files) => {
    files.addHook('onSend', async (request, reply) => {
      const path = request.routeOptions.url ?? '/'
      reply.headers(securityHeadersOf(path)).header('cache-control', cacheControlOf(path))
      setStrictTransport(reply)
    })
    await files.register(fastifyStatic, {
      root: folder,
      wildcard: false,
      globIgnore: ['**/*.{br,gz}'],
      preCompressed: true,
      cacheControl: false,
    })
  })
}
