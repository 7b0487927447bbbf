import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'
import { securityHeadersOf } from '../../gateway/security-headers.ts'

/** `vite preview` with the headers the real servers send, so that a violation shows early. */
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

/**
 * Few files rather than many: what every visit needs, the pages before the conversations, the
 * conversations, and what opens beside them. `base` holds the schemas, and zod has to be set up before the first of them.
 */
const groups = [
  {
    name: 'password-strength',
    test: /\/packages\/sdk\/src\/password-strength|\/node_modules\/(?:@zxcvbn-ts|fastest-levenshtein)\//,
  },
  { name: 'look-alikes', test: /\/packages\/sdk\/src\/look-alikes\/(?:confusables|skeleton)/ },
  { name: 'key-files', test: /\/packages\/crypto\/src\/rsa\/(?:der|pbes2|pem)\.ts/ },
  {
    name: 'base',
    test: /\/packages\/(?!benchmark\/|.*password\.ts)|\/node_modules\/(?!@base-ui|@floating-ui|@serenity-kit|qr\/|virtua\/)|zod-without-eval/,
  },
  { name: 'dialog', test: /@base-ui|@floating-ui|dialog-window/ },
  { name: 'entrance', test: /\/src\/features\/(?:sign-up|log-in|recovery)\// },
  {
    name: 'beside',
    test: /\/src\/features\/(?:settings|benchmark|devices|new-conversation|requests|safety|server-view)\/|\/src\/ui\/(?:qr-code|switch|choice-cards|picture-field|small-picture)|\/node_modules\/qr\/|\/packages\/benchmark\//,
  },
  {
    name: 'talk',
    test: /\/src\/features\/(?:conversations|timeline|composer|frame\/(?!entrance|starting|stop-here))|\/src\/ui\/(?:menu|avatar|empty-state|moments|arrow-keys|copy-button)|\/node_modules\/virtua\//,
  },
  { name: 'index', test: /\/apps\/web\/src\/(?!client\/password-worker)/ },
]

export default defineConfig({
  plugins: [react(), policies()],
  build: {
    target: 'es2024',
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
