import { systemCode } from '@sotto/service-runtime'
import { AcmeProblem } from './acme-problem.ts'
import type { AcmeSettings } from './acme-variables.ts'

/** The circumstances of the problem. */
interface Situation extends AcmeSettings {
  /** The port of the plain listener on this machine. */
  readonly httpPort: number
  /** The folder with the stored files. */
  readonly dataFolder: string
}

type Words = (situation: Situation) => string

const portWords: Words = ({ domain, httpPort }) =>
  `The authority could not reach http://${domain} on port 80. Allow port 80 in the firewall, and forward it in the router to ${
    httpPort === 80 ? 'this machine' : `port ${httpPort} of this machine`
  }`
const elsewhereWords: Words = ({ domain }) =>
  `Something else answers at http://${domain}. Its address in the DNS (A and AAAA) must be the public one of this machine, and port 80 must lead to Sotto, not to another web server`
const unknownCertificate: Words = () =>
  "Sotto does not know the issuer of the authority's own certificate. Set ACME_CA_CERTIFICATE to it"
const unreachable: Words = ({ directory }) =>
  `The authority at ${new URL(directory).host} cannot be reached from here. Check the internet connection and the DNS`
const noDirectory: Words = () =>
  "The authority's answer is not valid ACME. Check ACME_DIRECTORY and the state of the authority"

/** By the last part of a problem's type (RFC 8555 §6.7). */
const ofProblems: Readonly<Record<string, Words>> = {
  connection: portWords,
  dns: ({ domain }) =>
    `The DNS has no address for ${domain}. Create a record (A, and AAAA if you have IPv6) with the public address of this machine. It may take an hour to become visible everywhere`,
  unauthorized: elsewhereWords,
  incorrectResponse: elsewhereWords,
  tls: elsewhereWords,
  rateLimited: () =>
    "The authority's rate limit is reached. Restarting does not help; Sotto waits as long as necessary.",
  caa: ({ domain }) =>
    `A CAA record in the DNS of ${domain} does not allow this authority to issue certificates. Add the authority to the record, or set ACME_DIRECTORY to one that is allowed`,
  rejectedIdentifier: ({ domain }) =>
    `The authority issues no certificates for ${domain}. Check DOMAIN`,
  unsupportedIdentifier: ({ domain }) =>
    `The authority issues no certificates for ${domain}. Check DOMAIN`,
  invalidContact: () => 'The authority does not accept the address in ACME_EMAIL',
  unsupportedContact: () => 'The authority does not accept the address in ACME_EMAIL',
  externalAccountRequired: () =>
    'This authority requires an account that was created on its website, which Sotto does not support. Set ACME_DIRECTORY to another one',
  accountDoesNotExist: ({ dataFolder }) =>
    `The authority no longer knows our account. Delete ${dataFolder}/acme/account.pem and start again`,
  noHttpChallenge: () =>
    'The authority does not offer the check through port 80 (http-01), and Sotto supports no other. Set ACME_DIRECTORY to another one',
  clock: () =>
    'According to the clock of this machine, the new certificate must already be renewed. Check the clock',
  serverInternal: () => 'The authority has an internal error',
  http: noDirectory,
}

/** By the code of a system error or of Node's TLS. */
const ofErrors: readonly (readonly [RegExp, Words])[] = [
  [/SELF_SIGNED|UNABLE_TO|DEPTH_ZERO/, unknownCertificate],
  [/CERT_|ERR_TLS|ERR_SSL|EPROTO/, noDirectory],
  [
    /^(ENOTFOUND|EAI_|ECONN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ABORT_ERR|TimeoutError)/,
    unreachable,
  ],
  [
    /^(ENOSPC|EDQUOT|EACCES|EPERM|EROFS|EIO)$/,
    ({ dataFolder }) => `The folder ${dataFolder}/acme is not writable`,
  ],
]

/** Explains to the operator why there is no new certificate, and what to do. */
export function explainProblem(error: unknown, situation: Situation): string {
  if (error instanceof AcmeProblem) {
    const words = ofProblems[error.kind]?.(situation) ?? 'The authority refuses'
    const sentence = /[.?]$/.test(words) ? words : `${words}.`
    return `${sentence} It says: ${error.detail} (${error.kind})`
  }
  const code = systemCode(error) ?? (error instanceof Error ? error.name : 'unknown')
  const words = ofErrors.find(([pattern]) => pattern.test(code))?.[1](situation)
  return `${words ?? 'An error occurred.'} (${code})`
}
