// The health check of a container: node deploy/image/check-health.ts /health or /ready. The base image
// has no other HTTP client. Services answer on their internal port, the gateway on its plain one.
const { INTERNAL_PORT, GATEWAY_HTTP_PORT } = process.env
const port = INTERNAL_PORT ?? GATEWAY_HTTP_PORT
const path = process.argv[2] ?? '/health'

const isWell = await fetch(`http://127.0.0.1:${port}${path}`, {
  redirect: 'manual',
  signal: AbortSignal.timeout(2_500),
}).then(
  ({ ok }) => ok,
  () => false,
)
process.exit(isWell ? 0 : 1)

export {}
