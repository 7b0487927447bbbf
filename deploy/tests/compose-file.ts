import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { repository } from '../../tests/source/source-files.ts'

/** A service of `deploy/compose.yaml`, with the fields that the tests check. */
export interface ComposeService {
  image?: string
  build?: { target: string; dockerfile: string; context: string; args?: string[] }
  command?: string[]
  entrypoint?: string[]
  ulimits?: object
  user?: string
  read_only?: boolean
  init?: boolean
  restart?: string
  environment?: Record<string, string>
  secrets?: string[]
  ports?: string[]
  networks?: string[] | Record<string, { ipv4_address?: string }>
  volumes?: string[]
  depends_on?: Record<string, { condition: string }>
  healthcheck?: { disable?: boolean; test?: string[]; timeout?: string; start_period?: string }
  mem_limit?: string
  cap_drop?: string[]
  security_opt?: string[]
  stop_grace_period?: string
}

export interface ComposeFile {
  name: string
  services: Record<string, ComposeService>
  networks: Record<string, { internal?: boolean }>
  secrets: Record<string, { file: string }>
  volumes: Record<string, unknown>
}

export const composePath = join(repository, 'deploy/compose.yaml')

/**
 * The file as Compose reads it: with resolved anchors and merges, but with `${NAME:-default}` as
 * written.
 */
export function readCompose(text = readFileSync(composePath, 'utf8')): ComposeFile {
  return parse(text, { merge: true })
}

/**
 * Replaces `${NAME:-default}` with its default, and a required variable with its value in `given`.
 */
export function fillIn(text: string, given: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_, name: string, how, rest) => {
    const value = given[name]
    if (value !== undefined) return value
    if (how === '-') return rest
    throw new Error(`${name} must be given`)
  })
}
