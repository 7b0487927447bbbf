import { defineConfig } from '@lingui/cli'
import { formatter } from '@lingui/format-po'

/** Where the first page's words are; all others are loaded when they are needed. */
const start = [
  '{app,main}.tsx',
  'client/device-name.ts',
  'start/missing-to-start.tsx',
  '{features/welcome,layout,ui,words}/**',
]

const inSource = (files: readonly string[]) => files.map((file) => `<rootDir>/src/${file}`)

/** How `npm run words` and the build read and write the app's words. */
export default defineConfig({
  rootDir: import.meta.dirname,
  sourceLocale: 'en',
  locales: ['en', 'de'],
  catalogs: [
    { path: '<rootDir>/src/words/catalogs/{locale}/start', include: inSource(start) },
    {
      path: '<rootDir>/src/words/catalogs/{locale}/inside',
      include: inSource(['**']),
      exclude: inSource(start),
    },
  ],
  orderBy: 'origin',
  format: formatter({ lineNumbers: false }),
})
