import { lookup } from 'node:dns/promises'
import type { IncomingMessage } from 'node:http'
import proxyAddr, { compile } from '@fastify/proxy-addr'
import { GATEWAY_HEADER } from '@sotto/wire'
import { z } from 'zod'
import type { Logger } from './log.ts'
import { isSameSecret } from './same-secret.ts'
import { list } from './variable-kinds.ts'

/** What a request can claim about where it comes from. */
const CLAIMS = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-real-ip',
  'x-request-id',
]

const RESOLVE_EVERY_MS = 30_000
const HOST_NAME = /^(?=.{1,253}$)(?=.*[a-z])[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i

/** A variable that lists proxies: addresses, networks, or names of hosts. */
export const proxyList = list.pipe(
  z
    .array(
      z
        .string()
        .refine(
          (entry) => isNetwork(entry) || HOST_NAME.test(entry),
          'must be addresses, networks or names of hosts, like 10.0.0.7,10.1.0.0/16,caddy',
        ),
    )
    .max(64),
)

/** A variable that lists proxies by their addresses only. */
export const networkList = list.pipe(
  z
    .array(z.string().refine(isNetwork, 'must be addresses or networks, like 10.0.0.7,10.1.0.0/16'))
    .max(64),
)

function isNetwork(entry: string): boolean {
  try {
    return compile([entry]).length > 0
  } catch {
    return false
  }
}

/** Whose word is taken about where requests come from. */
export interface ProxySettings {
  /** Addresses, networks, names of hosts. */
  readonly trusted: readonly string[]
  /** What a request has to bring from them; without it every program at those addresses is believed. */
  readonly secret?: string | undefined
}

/** The proxies in front of this process. */
export interface Proxies {
  /**
   * Takes from a request what it claims about where it comes from, unless a proxy that is trusted
   * says so, and the secret in any case. Once, before anything else looks at the request.
   */
  check(request: IncomingMessage): void
  isTrusted(address: string): boolean
  /** The address that a request which was checked comes from. */
  addressOf(request: IncomingMessage): string
  /** Resolves when every name was looked up once. */
  readonly ready: Promise<void>
  close(): void
}

/**
 * Names of hosts are looked up now and again every 30 seconds, since a container that was replaced has
 * another address; one that is not found is trusted as soon as it is, and one that was keeps its last.
 */
export function createProxies(
  { trusted, secret }: ProxySettings,
  log: Logger,
  resolve = addressesOf,
  everyMs = RESOLVE_EVERY_MS,
): Proxies {
  const networks = trusted.filter(isNetwork)
  const isInNetwork = networks.length > 0 ? compile(networks) : () => false
  const names = new Map(
    trusted.filter((entry) => !isNetwork(entry)).map((name) => [name, new Set<string>()]),
  )
  const isTrusted = (address: string) =>
    isInNetwork(address, 0) || [...names.values()].some((found) => found.has(plain(address)))

  async function lookUp() {
    for (const name of names.keys()) {
      try {
        names.set(name, new Set((await resolve(name)).map(plain)))
      } catch (error) {
        log.warn({ err: error, name }, 'the name of a trusted proxy is not found')
      }
    }
  }
  const ready = lookUp()
  const timer = names.size > 0 ? setInterval(() => void lookUp(), everyMs).unref() : undefined

  return {
    check({ headers, socket }) {
      const isProven = secret === undefined || isSameSecret(headers[GATEWAY_HEADER], secret)
      delete headers[GATEWAY_HEADER]
      if (isProven && isTrusted(socket.remoteAddress ?? '')) return
      for (const claim of CLAIMS) delete headers[claim]
    },
    isTrusted,
    addressOf: (request) => proxyAddr(request, isTrusted) ?? '',
    ready,
    close: () => clearInterval(timer),
  }
}

async function addressesOf(name: string): Promise<string[]> {
  return (await lookup(name, { all: true })).map(({ address }) => address)
}

/** IPv4 as itself, also where a listener for both shows it within IPv6. */
const plain = (address: string) => address.replace(/^::ffff:(?=[\d.]+$)/i, '').toLowerCase()
