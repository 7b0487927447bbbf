import { fileURLToPath } from 'node:url'
import { lingui } from '@lingui/vite-plugin'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin, type Rolldown } from 'vite'
import { securityHeadersOf } from '../../gateway/security-headers.ts'
import { oldestBrowsers } from './browsers.ts'

/** `vite preview` with the real servers' headers, so that a violation shows up early. */
const policies = (): Plugin => ({
  name: 'security-headers',
  configurePreviewServer(server) {
    server.middlewares.use((request, response, next) => {
      const [path = '/'] = (request.url ?? '/').split('?', 1)
      for (const header of Object.entries(securityHeadersOf(path))) response.setHeader(...header)
      next()
    })
  },
})

/** Replaces Vite's wrapper around dynamic imports with ours, which retries failed downloads. */
const loadCode = (): Plugin => ({
  name: 'load-code',
  apply: 'build',
  enforce: 'pre',
  load(id) {
    if (id !== '\0vite/preload-helper.js') return
    const ours = fileURLToPath(new URL('src/load-code.ts', import.meta.url))
    return `export { loadCode as __vitePreload } from ${JSON.stringify(ours)}`
  },
})

/** Compiles the words; a missing translation fails the build. */
const words = () =>
  lingui({
    cwd: import.meta.dirname,
    macroTransform: true,
    failOnMissing: true,
    failOnCompileError: true,
  })

/** `…/catalogs/de/start.po` becomes `de-start`. */
const nameOfWords = (id: string) => id.split('/').slice(-2).join('-').replace('.po', '')

type Modules = Pick<Rolldown.PluginContext, 'getModuleInfo'>

const onFirstPage = new Map<string, boolean>()

/** Whether a module is part of the first page: no dynamic import separates it from the entry. */
function isOnFirstPage(id: string, modules: Modules): boolean {
  const known = onFirstPage.get(id)
  if (known !== undefined) return known
  // Breaks cycles: a module's own cycle proves nothing.
  onFirstPage.set(id, false)
  const info = modules.getModuleInfo(id)
  const isFirst =
    info?.isEntry === true || info?.importers.some((importer) => isOnFirstPage(importer, modules))
  onFirstPage.set(id, isFirst === true)
  return isFirst === true
}

/**
 * Few files rather than many: the first page, messaging and its screens, the pages before the conversations, and the
 * panels and pages beside them. `base` holds the schemas, and zod must be set up before the first of them.
 */
const groups = [
  { name: 'load-code', test: /\/src\/load-code/ },
  { name: nameOfWords, test: /\/catalogs\/[\w-]+\/[a-z]+\.po$/ },
  {
    name: 'password-strength',
    test: /\/packages\/sdk\/src\/account\/log-in\/password-strength|\/node_modules\/(?:@zxcvbn-ts|fastest-levenshtein)\//,
  },
  {
    name: 'look-alikes',
    test: /\/packages\/sdk\/src\/contacts\/look-alikes\/(?:confusables|skeleton)/,
  },
  {
    name: 'ed25519',
    test: /\/packages\/crypto\/src\/identity\/ed25519-noble|\/node_modules\/@noble\//,
  },
  {
    name: 'key-files',
    test: /\/packages\/crypto\/src\/rsa\/(?:der|pbes2|pem|key-file-[a-z]+)\.ts/,
  },
  {
    name: (id: string, modules: Modules) => (isOnFirstPage(id, modules) ? 'base' : 'messages'),
    test: /\/packages\/(?!benchmark\/|.*password\.ts)|\/node_modules\/(?!@base-ui|@floating-ui|@serenity-kit|qr\/|virtua\/|linkify-it\/|uc\.micro\/)|zod-without-eval/,
  },
  {
    name: 'failures',
    test: /\/src\/(?:client\/errors\/(?!failure)|ui\/notices\/notice\.tsx|start\/cannot-start)/,
  },
  { name: 'dialog', test: /@base-ui|@floating-ui|dialog-window/ },
  {
    name: 'entrance',
    test: /\/src\/features\/(?:sign-up|log-in|recovery\/(?!renewed)|invitations\/join)|\/src\/layout\/stop-here|\/src\/ui\/forms\/tidied-field/,
  },
  {
    name: 'beside',
    test: /\/src\/features\/(?:settings|benchmark|devices|invitations|new-conversation|requests|safety|server-view)\/|\/src\/layout\/sections|\/src\/ui\/(?:codes\/qr-code|forms\/(?:switch|choice-cards|picture-field|small-picture))|\/node_modules\/qr\/|\/packages\/benchmark\//,
  },
  {
    name: 'talk',
    test: /\/src\/features\/(?:conversations|timeline|composer|frame|recovery\/renewed)|\/src\/layout\/(?:bar|column-page|panel)|\/src\/ui\/(?:overlays\/menu|people\/avatar|notices\/empty-state|buttons\/copy-button|keyboard\/|text\/)|\/node_modules\/(?:virtua|linkify-it|uc\.micro)\//,
  },
  {
    name: 'index',
    test: /\/apps\/web\/(?:browsers\.ts|src\/(?!client\/password\/password-worker))/,
  },
]

export default defineConfig({
  plugins: [words(), react(), policies(), loadCode()],
  build: {
    target: Object.entries(oldestBrowsers).map(([browser, version]) => browser + version),
    // It would be an inline script.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: { codeSplitting: { groups, includeDependenciesRecursively: false } },
    },
  },
  worker: {
    format: 'es',
    // The servers know the worker that may run WebAssembly by this name.
    rolldownOptions: { output: { entryFileNames: 'assets/[name]-[hash].js' } },
  },
})
