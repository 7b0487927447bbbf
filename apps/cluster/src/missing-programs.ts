import { StartError } from '@sotto/service-runtime'
import type { ClusterConfig } from './config.ts'
import { findProgram } from './parts/run-program.ts'
import { findRabbitmq } from './rabbitmq/find-programs.ts'

/** Throws StartError with a list of the programs that the cluster needs and that are missing. */
export async function refuseMissingPrograms(config: ClusterConfig): Promise<void> {
  const missing = [
    (await findProgram('nginx')) === undefined &&
      'NGINX 1.22 or later, on the PATH (Debian: apt-get install nginx-light)',
    config.rabbitmqUrl === undefined &&
      (await findRabbitmq()) === undefined &&
      'RabbitMQ 3.10 or later, on the PATH (Debian: apt-get install rabbitmq-server), or an existing one in RABBITMQ_URL',
    config.tls === false &&
      (await findProgram('openssl')) === undefined &&
      'the program openssl, or TLS_CERTIFICATE and TLS_KEY',
  ].filter((line) => line !== false)
  if (missing.length > 0) throw new StartError(`The cluster needs:\n- ${missing.join('\n- ')}`)
}
