import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger } from '@sotto/service-runtime'
import { expect, test } from 'vitest'
import { eventually } from '../../../../tests/network/eventually.ts'
import { talkThrough } from '../../../../tests/network/talk-through.ts'
import { DomainProcess, newDomainPorts } from '../../../../tests/programs/domain-process.ts'
import { freePort } from '../../../../tests/programs/free-port.ts'
import { type PebbleOptions, startPebble } from '../../../../tests/programs/pebble.ts'
import { certificateAt } from '../../../../tests/programs/shown-certificate.ts'
import { trustLocally } from '../../../../tests/programs/trust-locally.ts'
import { startAutomaticCertificate } from '../../src/certificates/automatic-certificate.ts'

const domain = 'chat.example.org'

/** Requests a path from the plain port without normalizing it. */
async function plainly(port: number, path: string) {
  const outgoing = request({ host: '127.0.0.1', port, path, headers: { host: domain } }).end()
  const [{ statusCode, headers }] = await once(outgoing, 'response')
  return [statusCode, headers.location]
}

test('a domain gets a certificate and is served with it; it is renewed while people use it', async () => {
  const ports = await newDomainPorts()
  await using pebble = await startPebble({ httpPort: ports.http, validitySeconds: 60 })
  await using sotto = await DomainProcess.prepare(domain, ports, pebble)
  await sotto.start()
  const root = await pebble.root()
  trustLocally(domain, root)
  const first = await certificateAt(ports.https, domain, root)
  const page = await fetch(`${sotto.origin}/health`)
  expect(page.headers.get('strict-transport-security')).toBe('max-age=31536000')
  expect(await page.json()).toMatchObject({ parts: { certificate: { status: 'ok' } } })

  const opened = await talkThrough(sotto, () =>
    eventually('another certificate', async () => {
      const now = await certificateAt(ports.https, domain, root).catch(() => undefined)
      return now && now.serialNumber !== first.serialNumber
    }),
  )

  expect(opened).toBe(0)
})

test('it is stored for its owner only, and the next start needs no authority', async () => {
  const ports = await newDomainPorts()
  await using pebble = await startPebble({ httpPort: ports.http })
  await using sotto = await DomainProcess.prepare(domain, ports, pebble)
  await sotto.start()
  const { serialNumber } = await certificateAt(ports.https, domain)

  expect(await plainly(ports.http, '/a/page?with=more')).toEqual([
    308,
    `${sotto.origin}/a/page?with=more`,
  ])
  expect(await plainly(ports.http, 'http://elsewhere.example/')).toEqual([308, `${sotto.origin}/`])
  expect(await plainly(ports.http, '/.well-known/acme-challenge/unknown')).toEqual([404, undefined])
  const folder = join(sotto.dataFolder, 'acme')
  const names = (await readdir(folder)).toSorted()
  expect(names).toEqual(['account.pem', `${domain}.pem`])
  for (const name of names) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600)

  // A client that does not speak TLS gets no answer and does no harm.
  await expect(fetch(`http://127.0.0.1:${ports.https}/`)).rejects.toThrow()

  await sotto.stop()
  await pebble.stop()
  await sotto.start()
  expect((await certificateAt(ports.https, domain)).serialNumber).toBe(serialNumber)
  expect(sotto.printed).not.toContain('There is no new certificate')
})

/** Requests a certificate, with a listener at `port`; resolves with the printed lines. */
async function toldWhen(options: PebbleOptions, port = 0): Promise<string> {
  await using pebble = await startPebble(options)
  await using disposing = new AsyncDisposableStack()
  const dataFolder = await mkdtemp(join(tmpdir(), 'sotto-acme-'))
  disposing.defer(() => rm(dataFolder, { recursive: true }))
  const printed: string[] = []
  const certificate = await startAutomaticCertificate({
    settings: {
      domain,
      directory: pebble.directory,
      email: undefined,
      authorityCertificate: await readFile(pebble.ownCertificate, 'utf8'),
    },
    dataFolder,
    publicUrl: `https://${domain}`,
    listen: { host: '127.0.0.1', port },
    log: createLogger({ name: 'test', level: 'silent' }),
    print: (line) => printed.push(line),
  })
  disposing.defer(() => certificate.close())
  return await eventually('words', () => printed.length > 1 && printed.join('\n'))
}

test('reports a domain that leads elsewhere, what to do, and when the next attempt is', async () => {
  const told = await toldWhen({ httpPort: await freePort() })
  expect(told).toContain('could not reach http://chat.example.org on port 80')
  expect(told).toContain('The next attempt is in a minute')
})

test('reports a domain that leads to another web server', async () => {
  const other = createServer((_, response) => response.end('a page')).listen(0, '127.0.0.1')
  await once(other, 'listening')
  const told = await toldWhen({ httpPort: (other.address() as AddressInfo).port })
  other.close()
  expect(told).toContain('Something else answers at http://chat.example.org')
})

test('reports a domain that the authority refuses', async () => {
  const port = await freePort()
  const told = await toldWhen({ httpPort: port, blocked: [domain] }, port)
  expect(told).toContain('issues no certificates for chat.example.org. Check DOMAIN')
})
