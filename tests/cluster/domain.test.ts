import { expect, test } from 'vitest'
import { eventually } from '../network/eventually.ts'
import { talkThrough } from '../network/talk-through.ts'
import { ClusterProcess } from '../programs/cluster-process.ts'
import { newDomainPorts } from '../programs/domain-process.ts'
import { startPebble } from '../programs/pebble.ts'
import { certificateAt } from '../programs/shown-certificate.ts'
import { trustLocally } from '../programs/trust-locally.ts'

const domain = 'chat.example.org'

test('the cluster obtains a certificate, and renews it during a conversation', async () => {
  const ports = await newDomainPorts()
  await using pebble = await startPebble({ httpPort: ports.http, validitySeconds: 60 })
  await using cluster = await ClusterProcess.start({
    DOMAIN: domain,
    PUBLIC_URL: '',
    CLUSTER_PLAIN_HTTP: '',
    HTTP_PORT: String(ports.http),
    HTTPS_PORT: String(ports.https),
    ACME_DIRECTORY: pebble.directory,
    ACME_CA_CERTIFICATE: pebble.ownCertificate,
    RATE_LIMIT_FACTOR: '100',
  })
  expect(cluster.printed).toContain(`Sotto is running: https://${domain}:${ports.https}`)
  const root = await pebble.root()
  trustLocally(domain, root)
  const shown = () => certificateAt(ports.https, domain, root).catch(() => undefined)
  const first = await eventually('a certificate of the authority', shown)
  let phones = 0
  const place = {
    origin: `https://${domain}:${ports.https}`,
    newPhone: () => `+49151234567${String(phones++).padStart(2, '0')}`,
    codeFor: (address: string) => cluster.codeFor(address),
  }

  const opened = await talkThrough(place, () =>
    eventually('another certificate', async () => {
      const now = await shown()
      return now && now.serialNumber !== first.serialNumber
    }),
  )

  expect(opened).toBe(0)
})
