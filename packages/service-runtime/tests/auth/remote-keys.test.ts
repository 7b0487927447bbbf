import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { remoteKeys } from '../../src/index.ts'

async function startIssuer(answer: () => string) {
  let requests = 0
  const server = createServer((_, response) => {
    requests += 1
    response.end(answer())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests: () => requests,
    [Symbol.asyncDispose]: async () => void server.close(),
  }
}

test('keys are fetched once for many requests', async () => {
  await using issuer = await startIssuer(() => '{"keys":[{"kty":"OKP","kid":"k1"}]}')
  const keys = remoteKeys(issuer.url)
  const answers = await Promise.all(Array.from({ length: 20 }, () => keys()))

  expect(answers[0]).toMatchObject({ keys: [{ kid: 'k1' }] })
  expect(issuer.requests()).toBe(1)
})

test('without the issuer the answer is unavailable, and the next request asks again', async () => {
  let text = 'no keys'
  await using issuer = await startIssuer(() => text)
  const keys = remoteKeys(issuer.url)
  await expect(keys()).rejects.toThrow('unavailable')
  text = '{"keys":[]}'

  expect(await keys()).toEqual({ keys: [] })
})
