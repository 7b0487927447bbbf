import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ForeignPackage, readLockFile } from './lock-file.ts'
import { webPackages } from './third-party.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const noticeFile = /^(licen[cs]e|copying|notice)/i

/**
 * The text of `licenses.txt` in the web app: the notices that the authors of its packages require
 * to be passed on. Throws if a package contains no license.
 */
export async function renderWebNotices(): Promise<string> {
  const packages = webPackages(readLockFile())
  const notices = await Promise.all(packages.map(renderNotice))
  return `Sotto contains the work of others, with thanks. These are their notices and licenses.
Sotto itself is under the Apache License 2.0.

${notices.join('\n\n')}\n`
}

async function renderNotice({ folder, name, version, license }: ForeignPackage): Promise<string> {
  const files = (await readdir(join(root, folder))).filter((file) => noticeFile.test(file)).sort()
  if (files.length === 0) throw new Error(`${name} contains no license to pass on`)
  const texts = await Promise.all(files.map((file) => readFile(join(root, folder, file), 'utf8')))
  const heading = `${name} ${version} (${license})`
  return [heading, '='.repeat(heading.length), ...texts.map((text) => text.trim())].join('\n\n')
}
