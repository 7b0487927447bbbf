import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'
import { isPasswordWorker, pagePolicy, passwordWorkerPolicy } from './content-security-policy.ts'

/** `vite preview` with the headers the real servers send, so that a violation shows early. */
const policies = (): Plugin => ({
  name: 'content-security-policy',
  configurePreviewServer(server) {
    server.middlewares.use((request, response, next) => {
      const policy = isPasswordWorker(request.url ?? '') ? passwordWorkerPolicy : pagePolicy
      response.setHeader('content-security-policy', policy)
      next()
    })
  },
})

export default defineConfig({
  plugins: [react(), policies()],
  // The polyfill would be an inline script.
  build: {
    target: 'es2024',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: true,
  },
  worker: {
    format: 'es',
    rolldownOptions: { output: { entryFileNames: 'assets/[name]-[hash].js' } },
  },
})
