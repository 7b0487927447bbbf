/** The loggable description of a failure to send a code. */
export interface ExplainedFailure {
  /** In words for the operator, naming the variable that would help. */
  readonly why: string
  readonly reason: string | undefined
  readonly status: number | undefined
}

/** Matches the messages of Node and of the mail library; never a server's answer. */
const explanations: readonly (readonly [RegExp, string])[] = [
  [
    /self[- ]signed|unable to (verify|get)|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO/i,
    "the server's certificate is signed by an authority that this machine does not know; SMTP_CA sets that of a mail server, NODE_EXTRA_CA_CERTS that of any other server",
  ],
  [
    /altname|ALTNAME/i,
    "the server's certificate is for a different name than the one in the configuration",
  ],
  [/certificate has expired|CERT_HAS_EXPIRED/, "the server's certificate has expired"],
  [
    /wrong version number|packet length too long|WRONG_VERSION/i,
    'the server does not use TLS on this port; an SMTP_URL with smtp:// starts without TLS and upgrades to it, one with smtps:// starts with TLS',
  ],
  [/ECONNREFUSED/, 'nothing listens at the address in the configuration'],
  [/EDNS|ENOTFOUND|EAI_AGAIN/, "the server's name was not found"],
  [/ENETUNREACH|EHOSTUNREACH/, "the server's network is unreachable"],
  [
    /ETIMEDOUT|TimeoutError|_TIMEOUT/,
    'the server did not answer in time; an SMTP_URL with smtps:// needs a port that starts with TLS',
  ],
  [/EAUTH/, 'the mail server rejects the user or the password in SMTP_URL'],
  [
    /ETLS/,
    'the mail server does not offer STARTTLS, or aborts it; see SMTP_TLS in docs/configuration.md',
  ],
  [/EENVELOPE/, 'the mail server rejects the sender, which is SMTP_FROM, or the recipient'],
  [/EPROTOCOL/, 'the server at this address is not a mail server'],
  [/ECONNECTION|ECONNRESET|EPIPE|ESOCKET|UND_ERR_SOCKET/, 'the connection to the server was lost'],
]

/**
 * Explains why a code was not accepted, without quoting the server, whose answer may contain the
 * address or the code.
 */
export function explainFailure(error: unknown): ExplainedFailure {
  const causes = causesOf(error)
  const status = causes.find(({ status }) => status !== undefined)?.status
  const reason = causes.findLast(({ code }) => code !== undefined)?.code
  const said = causes.map(({ name, code, message }) => `${name} ${code} ${message}`).join('\n')
  return { why: whyOf(said, status), reason, status }
}

function whyOf(said: string, status: number | undefined): string {
  if (status === 401 || status === 403) return 'the gateway rejects our credentials'
  if (status !== undefined) return `the gateway answered ${status}`
  return explanations.find(([pattern]) => pattern.test(said))?.[1] ?? 'for an unknown reason'
}

interface Cause {
  readonly name: string
  readonly code: string | undefined
  readonly message: string
  readonly status: number | undefined
}

/** `fetch` wraps the original error, sometimes more than once. */
function causesOf(error: unknown, depth = 0): Cause[] {
  if (!(error instanceof Error) || depth > 4) return []
  const { name, message } = error
  // The library appends the mail server's answer to its own message.
  const hasAnswer = 'response' in error && typeof error.response === 'string'
  const cause: Cause = {
    name,
    code: 'code' in error && typeof error.code === 'string' ? error.code : undefined,
    message: hasAnswer ? '' : message,
    status: 'status' in error && typeof error.status === 'number' ? error.status : undefined,
  }
  return [cause, ...causesOf(error.cause, depth + 1)]
}
