// Writes the words of the web app into its catalogs, and says which ones a language lacks: npm run words.
import { runLingui } from './run-lingui.ts'

for (const command of [
  ['extract', '--clean'],
  ['check', 'missing', '--verbose'],
]) {
  const { isGood, output } = runLingui(...command)
  console.log(output.trim())
  if (!isGood) process.exitCode = 1
}
