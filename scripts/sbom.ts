// Writes the bill of materials of this version to a file, or prints it, for vulnerability scanners:
// npm run sbom -- sotto.cdx.json
import { writeFileSync } from 'node:fs'
import { renderBillOfMaterials } from './supply-chain/bill-of-materials.ts'

const [file = '/dev/stdout'] = process.argv.slice(2)
writeFileSync(file, `${renderBillOfMaterials()}\n`)
