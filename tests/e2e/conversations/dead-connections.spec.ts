import type { Request } from '@playwright/test'
import { Link } from '../../faults/disturbances/link.ts'
import { Person as Correspondent } from '../../network/people.ts'
import { freePort } from '../../programs/free-port.ts'
import { converse, expect, freshPhone, test } from '../people/correspondents.ts'
import { Person } from '../people/person.ts'
import { startServer } from '../people/suite.ts'

/** Makes the browser keep as many connections as it does, all of them idle. */
async function keepConnections({ page }: Person): Promise<void> {
  await page.evaluate(() =>
    Promise.all(
      Array.from({ length: 6 }, async (_, n) => {
        const answer = await fetch(`/icon.svg?${n}`, { cache: 'no-store' })
        await answer.arrayBuffer()
      }),
    ),
  )
}

/** The paths of requests that fail from now on, until one is answered. */
function failedBeforeAnAnswer({ page }: Person): string[] {
  const paths: string[] = []
  const asked = new Set<Request>()
  let isAnswered = false
  page.on('request', (request) => asked.add(request))
  page.on('requestfinished', (request) => {
    isAnswered ||= asked.has(request)
  })
  page.on('requestfailed', (request) => {
    const { pathname } = new URL(request.url())
    // Requests aborted later were answered on another connection.
    if (!isAnswered && !pathname.startsWith('/.well-known/')) paths.push(pathname)
  })
  return paths
}

test("when all of a browser's connections are dead, missed messages are fetched over new ones", async ({
  browser,
  topology,
  server: { origin: elsewhere },
}) => {
  const port = await freePort()
  const origin = elsewhere.replace(/\d+$/, `${port}`)
  await using server = await startServer(topology, { ALLOWED_ORIGINS: origin })
  const target = new URL(server.origin)
  await using link = await Link.to(Number(target.port), target.hostname, port)
  const fay = await Person.open(browser, server, { baseURL: origin })
  const gus = await Correspondent.signUp(
    {
      origin: server.origin,
      newPhone: freshPhone,
      codeFor: (address: string) => server.codeFor(address),
    },
    'Gus on a good line',
  )
  await fay.signUpByPhone(freshPhone(), 'Fay on a bad line')
  const id = await converse(fay, gus)
  await gus.send(id, 'before')
  await fay.sees('before')

  await keepConnections(fay)
  link.silenceOpen()
  const unanswered = failedBeforeAnAnswer(fay)
  await gus.send(id, 'while all of it was dead')

  await fay.sees('while all of it was dead')
  const banner = fay.page.getByText(/No connection\.|Catching up\./)
  await expect(banner).toBeHidden()
  await fay.send('and back')
  expect((await gus.nextMessage()).text).toBe('and back')
  // A request in flight at that moment may be among them, but not six in a row.
  expect(unanswered.length).toBeLessThan(3)
  await gus.leave()
  await fay.context.close()
})

test('the banner stays while something is missing, even if the socket is open', async ({
  openProfile,
  correspondent,
}) => {
  const fay = await openProfile()
  await fay.signUpByPhone(freshPhone(), 'Fay who is behind')
  const gus = await correspondent('Gus who is ahead')
  const id = await converse(fay, gus)
  await gus.send(id, 'before')
  await fay.sees('before')
  const { page } = fay
  await page.route('**/changes*', (route) => route.abort())
  const sockets: string[] = []
  page.on('websocket', (socket) => {
    socket.on('framereceived', ({ payload }) => sockets.push(String(payload)))
  })
  await page.reload()

  await expect.poll(() => sockets.some((frame) => frame.includes('authenticated'))).toBe(true)
  const banner = page.getByText('Catching up.')
  await expect(banner).toBeVisible()
  // While nothing gets through; afterwards it may retry by itself before the click.
  await page.getByRole('button', { name: 'Try now' }).click()
  await page.unroute('**/changes*')
  await expect(banner).toBeHidden()
  await gus.send(id, 'after')
  await fay.openConversation(gus.name)
  await fay.sees('after')
  fay.forgiveFaults()
})
