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
  /** The address to which users are redirected. */
  readonly publicUrl: string
  /** The listener for the authority and for users without TLS. */
  readonly listen: { readonly host: string; readonly port: number }
  /**
   * The port of this machine to which port 80 of the domain must lead; that of `listen` by default.
   */
  readonly httpPort?: number
  /**
   * The authority is asked only after this resolves: when the server in front of `listen` is
   * running.
   */
  readonly reached?: Promise<void>
  readonly log: Logger
  readonly print: (line: string) => void
}

/** An automatically obtained certificate, and what it needs. */
export interface AutomaticCertificate extends KeptCertificate {
  /** The PEM file with chain and key. */
  readonly file: string
  /** The port of the plain HTTP listener. */
  readonly port: number
  /** Also closes the plain HTTP listener. */
  close(): Promise<void>
}

/**
 * Listens on the port for plain HTTP, and obtains and renews a certificate for the domain. Rejects
 * if it cannot listen on the port. `first` tells when there is a certificate.
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
