/** What a log may hold of a code that was not taken. */
export interface ExplainedFailure {
  /** In words for whoever operates the server, with the variable that would help. */
  readonly why: string
  readonly reason: string | undefined
  readonly status: number | undefined
}

/** By what Node and the mail library say of themselves; no answer of a server is looked at. */
const explanations: readonly (readonly [RegExp, string])[] = [
  [
    /self[- ]signed|unable to (verify|get)|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO/i,
    'the certificate of the server is signed by nobody whom this machine knows; SMTP_CA names who signed that of a mail server, NODE_EXTRA_CA_CERTS that of any other',
  ],
  [
    /altname|ALTNAME/i,
    'the certificate of the server is for another name than the one in the configuration',
  ],
  [/certificate has expired|CERT_HAS_EXPIRED/, 'the certificate of the server has expired'],
  [
    /wrong version number|packet length too long|WRONG_VERSION/i,
    'the server speaks no TLS on this port; an SMTP_URL with smtp:// begins without TLS and goes over to it, one with smtps:// begins with it',
  ],
  [/ECONNREFUSED/, 'nobody listens at the address in the configuration'],
  [/EDNS|ENOTFOUND|EAI_AGAIN/, 'the name of the server is not found'],
  [/ENETUNREACH|EHOSTUNREACH/, 'the network of the server is not reached'],
  [
    /ETIMEDOUT|TimeoutError|_TIMEOUT/,
    'the server did not answer in time; an SMTP_URL with smtps:// needs a port that begins with TLS',
  ],
  [/EAUTH/, 'the mail server refuses the user or the password in SMTP_URL'],
  [
    /ETLS/,
    'the mail server offers no STARTTLS, or breaks it off; SMTP_TLS in docs/configuration.md says what can be done',
  ],
  [/EENVELOPE/, 'the mail server refuses the sender, which is SMTP_FROM, or the recipient'],
  [/EPROTOCOL/, 'what answers there is no mail server'],
  [/ECONNECTION|ECONNRESET|EPIPE|ESOCKET|UND_ERR_SOCKET/, 'the connection to the server broke'],
]

/** Why a code was not taken, without anything that a server said: it may quote the address or the code. */
export function explainFailure(error: unknown): ExplainedFailure {
  const causes = causesOf(error)
  const status = causes.find(({ status }) => status !== undefined)?.status
  const reason = causes.findLast(({ code }) => code !== undefined)?.code
  const said = causes.map(({ name, code, message }) => `${name} ${code} ${message}`).join('\n')
  return { why: whyOf(said, status), reason, status }
}

function whyOf(said: string, status: number | undefined): string {
  if (status === 401 || status === 403) return 'the gateway refuses our credentials'
  if (status !== undefined) return `the gateway answered ${status}`
  return explanations.find(([pattern]) => pattern.test(said))?.[1] ?? 'for no reason that is known'
}

interface Cause {
  readonly name: string
  readonly code: string | undefined
  readonly message: string
  readonly status: number | undefined
}

/** `fetch` wraps what happened, at times more than once. */
function causesOf(error: unknown, depth = 0): Cause[] {
  if (!(error instanceof Error) || depth > 4) return []
  const { name, message } = error
  // An answer of a mail server stands behind what the library says.
  const hasAnswer = 'response' in error && typeof error.response === 'string'
  const cause: Cause = {
    name,
    code: 'code' in error && typeof error.code === 'string' ? error.code : undefined,
    message: hasAnswer ? '' : message,
    status: 'status' in error && typeof error.status === 'number' ? error.status : undefined,
  }
  return [cause, ...causesOf(error.cause, depth + 1)]
}
