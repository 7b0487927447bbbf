// Writes the bill of materials of this version into a file, or prints it, for programs that look for known
// weaknesses: npm run sbom -- sotto.cdx.json
import { writeFileSync } from 'node:fs'
import { renderBillOfMaterials } from './supply-chain/bill-of-materials.ts'

const [file = '/dev/stdout'] = process.argv.slice(2)
writeFileSync(file, `${renderBillOfMaterials()}\n`)
