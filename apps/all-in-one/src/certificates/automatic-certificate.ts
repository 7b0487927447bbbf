import type { Logger } from '@sotto/service-runtime'
import type { AcmeSettings } from './acme-variables.ts'
import { certificateFiles } from './certificate-files.ts'
import { type Challenges, createPlainServer } from './challenges.ts'
import { explainProblem } from './explain-problem.ts'
import { type KeptCertificate, keepCertificate } from './keep-certificate.ts'
import { orderCertificate } from './order-certificate.ts'

export interface AutomaticCertificateOptions {
  readonly settings: AcmeSettings
  readonly dataFolder: string
  /** Where people are sent. */
  readonly publicUrl: string
  /** Where the authority and people without TLS are answered. */
  readonly listen: { readonly host: string; readonly port: number }
  /** The port of this machine that port 80 of the domain has to lead to; that of `listen` by default. */
  readonly httpPort?: number
  /** The authority is asked only when this is resolved: when what is in front of `listen` serves. */
  readonly reached?: Promise<void>
  readonly log: Logger
  readonly print: (line: string) => void
}

/** A certificate from an authority, and what it needs. */
export interface AutomaticCertificate extends KeptCertificate {
  /** PEM of chain and key. */
  readonly file: string
  /** Of the listener for plain HTTP. */
  readonly port: number
  /** What answers without TLS goes too. */
  close(): Promise<void>
}

/**
 * Serves the port for plain HTTP, and gets and renews a certificate for the domain. Rejects when the port
 * cannot be listened on; whether there is a certificate already is told by `first`.
 */
export async function startAutomaticCertificate(
  options: AutomaticCertificateOptions,
): Promise<AutomaticCertificate> {
  const { settings, dataFolder, publicUrl, listen, log, print } = options
  const challenges: Challenges = new Map()
  const server = createPlainServer(log, challenges, publicUrl)
  // Before the authority is asked to look.
  const address = await server.listen(listen)
  const files = certificateFiles(dataFolder, settings.domain)
  const situation = { ...settings, dataFolder, httpPort: options.httpPort ?? listen.port }
  const kept = keepCertificate({
    read: () => files.read(),
    order: async () => {
      await options.reached
      return files.write(await orderCertificate(settings, files, challenges))
    },
    explain: (error) => explainProblem(error, situation),
    log,
    print,
  })
  return {
    ...kept,
    file: files.file,
    port: Number(new URL(address).port || 80),
    async close() {
      kept.close()
      await server.close()
    },
  }
}
