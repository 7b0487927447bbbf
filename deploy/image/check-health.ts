// The health check of a container: node deploy/image/check-health.ts /ready /health. All paths must
// answer with success. The base image has no other HTTP client. Services answer on their internal
// port, the gateway on its plain one.
const { INTERNAL_PORT, GATEWAY_HTTP_PORT } = process.env
const port = INTERNAL_PORT ?? GATEWAY_HTTP_PORT
const paths = process.argv.slice(2)

for (const path of paths) {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    redirect: 'manual',
    signal: AbortSignal.timeout(8_000),
  }).catch(() => undefined)
  if (answer?.ok) continue
  // `docker inspect` displays it. It names parts, never their content.
  process.stdout.write(
    `${path}: ${answer ? `${answer.status} ${await answer.text()}` : 'no answer'}\n`,
  )
  process.exit(1)
}

export {}
