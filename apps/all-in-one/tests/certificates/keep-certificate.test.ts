import { expect, test } from 'vitest'
import { AcmeProblem, readProblem } from '../../src/certificates/acme-problem.ts'
import { explainProblem } from '../../src/certificates/explain-problem.ts'
import { isOverdue, pauseAfter, renewalTimeOf } from '../../src/certificates/keep-certificate.ts'

const day = 24 * 60 * 60 * 1000
const minute = 60 * 1000
const ninetyDays = { pem: '', notBefore: 0, notAfter: 90 * day }

test('a certificate is renewed when a third of its lifetime is left, and overdue when a sixth is', () => {
  expect(renewalTimeOf(ninetyDays)).toBe(60 * day)
  expect(renewalTimeOf({ pem: '', notBefore: 0, notAfter: 6 * day })).toBe(4 * day)
  expect(isOverdue(ninetyDays, 74 * day)).toBe(false)
  expect(isOverdue(ninetyDays, 76 * day)).toBe(true)
})

test('five attempts fit into the first hour, as many as an authority allows; then they become rare', () => {
  const pauses = Array.from({ length: 12 }, (_, n) => pauseAfter(n + 1, new Error('no')))
  const [first = 0, ...others] = pauses
  expect(first).toBe(minute)
  expect(pauses.slice(0, 4).reduce((sum, pause) => sum + pause, 0)).toBe(51 * minute)
  expect(others.every((pause, n) => pause >= (pauses[n] ?? 0))).toBe(true)
  expect(pauses.at(-1)).toBe(360 * minute)
})

test('respects how long an authority asks to wait', () => {
  expect(pauseAfter(1, new AcmeProblem('rateLimited', 'too many', 7200))).toBe(120 * minute)
  expect(pauseAfter(8, new AcmeProblem('rateLimited', 'too many', 60))).toBe(360 * minute)
})

const situation = {
  domain: 'chat.example.org',
  directory: 'https://acme.example/directory',
  email: undefined,
  authorityCertificate: undefined,
  httpPort: 8080,
  dataFolder: '/srv/sotto',
}
const systemError = (code: string) => Object.assign(new Error('the canary'), { code })

test.each([
  ['connection', /port 80 .* in the router to port 8080 of this machine/],
  ['dns', /no address for chat\.example\.org/],
  ['unauthorized', /Something else answers/],
  ['rateLimited', /Restarting does not help/],
  ['caa', /CAA record/],
  ['rejectedIdentifier', /Check DOMAIN/],
  ['invalidContact', /ACME_EMAIL/],
  ['externalAccountRequired', /ACME_DIRECTORY/],
  ['somethingNew', /The authority refuses/],
])("the problem %s is explained, with the authority's own words", (kind, words) => {
  const problem = readProblem({
    type: `urn:ietf:params:acme:error:${kind}`,
    detail: 'its own\n\u001b[31mwords',
  })
  const told = explainProblem(problem, situation)
  expect(told).toMatch(words)
  expect(told).toContain(`It says: its own [31mwords (${kind})`)
})

test.each([
  ['SELF_SIGNED_CERT_IN_CHAIN', /ACME_CA_CERTIFICATE/],
  ['ENOTFOUND', /acme\.example cannot be reached/],
  ['ECONNREFUSED', /acme\.example cannot be reached/],
  ['ENOSPC', /\/srv\/sotto\/acme is not writable/],
  ['EOTHER', /An error occurred\. \(EOTHER\)/],
])('the error %s is explained', (code, words) => {
  const told = explainProblem(systemError(code), situation)
  expect(told).toMatch(words)
  expect(told).not.toContain('canary')
})

test('a timeout is explained like an unreachable authority', () => {
  const error = new DOMException('The operation was aborted', 'TimeoutError')
  expect(explainProblem(error, situation)).toMatch(/cannot be reached/)
})
