import { systemCode } from '@sotto/service-runtime'
import { AcmeProblem } from './acme-problem.ts'
import type { AcmeSettings } from './acme-variables.ts'

/** What the words are about. */
interface Situation extends AcmeSettings {
  /** Where the plain listener is on this machine. */
  readonly httpPort: number
  /** Of the files that are kept. */
  readonly dataFolder: string
}

type Words = (situation: Situation) => string

const portWords: Words = ({ domain, httpPort }) =>
  `The authority could not reach http://${domain} on port 80. Let port 80 through the firewall, and through the router to ${
    httpPort === 80 ? 'this machine' : `port ${httpPort} of this machine`
  }`
const elsewhereWords: Words = ({ domain }) =>
  `Something else answers at http://${domain}: its address in the DNS (A and AAAA) must be the public one of this machine, and port 80 must lead to Sotto, not to another web server`
const unknownCertificate: Words = () =>
  'The certificate of the authority is signed by nobody whom Sotto knows: ACME_CA_CERTIFICATE names who signed it'
const unreachable: Words = ({ directory }) =>
  `The authority at ${new URL(directory).host} cannot be reached from here: is there a way to the internet, and does the DNS work?`
const noDirectory: Words = () =>
  'The authority does not answer as one does: is ACME_DIRECTORY right, and is it well?'

/** By the last part of a problem's type (RFC 8555 §6.7). */
const ofProblems: Readonly<Record<string, Words>> = {
  connection: portWords,
  dns: ({ domain }) =>
    `The DNS has no address for ${domain}: make a record (A, and AAAA where you have IPv6) with the public address of this machine. It may take an hour until everybody sees it`,
  unauthorized: elsewhereWords,
  incorrectResponse: elsewhereWords,
  tls: elsewhereWords,
  rateLimited: () =>
    'The authority has given as many as it gives for now. Starting again does not help; Sotto waits as long as it must.',
  caa: ({ domain }) =>
    `A CAA record in the DNS of ${domain} does not let this authority make certificates: add it there, or set ACME_DIRECTORY to one that is in it`,
  rejectedIdentifier: ({ domain }) =>
    `The authority makes no certificates for ${domain}: is DOMAIN right?`,
  unsupportedIdentifier: ({ domain }) =>
    `The authority makes no certificates for ${domain}: is DOMAIN right?`,
  invalidContact: () => 'The authority does not take the address in ACME_EMAIL',
  unsupportedContact: () => 'The authority does not take the address in ACME_EMAIL',
  externalAccountRequired: () =>
    'This authority wants an account that was made on its pages, which Sotto cannot show it: set ACME_DIRECTORY to another one',
  accountDoesNotExist: ({ dataFolder }) =>
    `The authority does not know our account any more: remove ${dataFolder}/acme/account.pem and start again`,
  noHttpChallenge: () =>
    'The authority does not offer to look at port 80 (http-01), and Sotto knows no other way: set ACME_DIRECTORY to another one',
  clock: () =>
    'The certificate is there, but by the clock of this machine it has to be renewed already: is the clock right?',
  serverInternal: () => 'The authority has trouble of its own',
  http: noDirectory,
}

/** By the code of a system error, or of Node's TLS. */
const ofErrors: readonly (readonly [RegExp, Words])[] = [
  [/SELF_SIGNED|UNABLE_TO|DEPTH_ZERO/, unknownCertificate],
  [/CERT_|ERR_TLS|ERR_SSL|EPROTO/, noDirectory],
  [
    /^(ENOTFOUND|EAI_|ECONN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ABORT_ERR|TimeoutError)/,
    unreachable,
  ],
  [
    /^(ENOSPC|EDQUOT|EACCES|EPERM|EROFS|EIO)$/,
    ({ dataFolder }) => `The folder ${dataFolder}/acme cannot be written to`,
  ],
]

/** Why there is no new certificate and what to do, in words for whoever runs the server. */
export function explainProblem(error: unknown, situation: Situation): string {
  if (error instanceof AcmeProblem) {
    const words = ofProblems[error.kind]?.(situation) ?? 'The authority refuses'
    const sentence = /[.?]$/.test(words) ? words : `${words}.`
    return `${sentence} It says: ${error.detail} (${error.kind})`
  }
  const code = systemCode(error) ?? (error instanceof Error ? error.name : 'unknown')
  const words = ofErrors.find(([pattern]) => pattern.test(code))?.[1](situation)
  return `${words ?? 'Something went wrong.'} (${code})`
}
