import { randomUUID } from 'node:crypto'
import { Enums, Models, Serialize, SPDX, Spec } from '@cyclonedx/cyclonedx-library'
import {
  dependencyFolders,
  type ForeignPackage,
  foreignPackages,
  type LockEntry,
  type LockFile,
  readLockFile,
} from './lock-file.ts'

const { Component } = Models

/**
 * The bill of materials of everything in package-lock.json, as CycloneDX 1.6 in JSON. Packages that
 * only our tools and tests need have the scope `excluded`.
 */
export function renderBillOfMaterials(lock: LockFile = readLockFile(), now = new Date()): string {
  const top = ourComponent('', lock.get('') ?? {})
  const components = new Map([
    ['', top],
    ...workspaces(lock),
    ...foreignPackages(lock).map((one) => [one.folder, foreignComponent(one)] as const),
  ])
  for (const [folder, { dependencies }] of components) {
    const needed = folder === '' ? workspaces(lock).map(([one]) => one) : []
    for (const one of [...needed, ...dependencyFolders(lock, folder)]) {
      const component = components.get(one)
      if (component) dependencies.add(component.bomRef)
    }
  }
  const metadata = new Models.Metadata({
    component: top,
    timestamp: now,
    lifecycles: new Models.LifecycleRepository([Enums.LifecyclePhase.PreBuild]),
  })
  const bom = new Models.Bom({ metadata, serialNumber: `urn:uuid:${randomUUID()}` })
  for (const component of components.values()) if (component !== top) bom.components.add(component)
  const normalizers = new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6)
  return new Serialize.JsonSerializer(normalizers).serialize(bom, { sortLists: true, space: 2 })
}

function workspaces(lock: LockFile): (readonly [folder: string, Models.Component])[] {
  return [...lock]
    .filter(([folder]) => folder !== '' && !folder.includes('node_modules/'))
    .map(([folder, entry]) => [folder, ourComponent(folder, entry)] as const)
}

function ourComponent(folder: string, { name = '', version = '', license }: LockEntry) {
  const type = folder.startsWith('packages/')
    ? Enums.ComponentType.Library
    : Enums.ComponentType.Application
  return new Component(type, name, {
    bomRef: folder || name,
    version,
    ...(license && { licenses: licensesOf(license) }),
  })
}

function foreignComponent({
  folder,
  name,
  version,
  license,
  isDevelopment,
  entry,
}: ForeignPackage) {
  const [group, ownName = ''] = name.startsWith('@') ? name.split('/') : [undefined, name]
  return new Component(Enums.ComponentType.Library, ownName, {
    bomRef: folder,
    version,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    licenses: licensesOf(license),
    scope: isDevelopment
      ? Enums.ComponentScope.Excluded
      : entry.optional
        ? Enums.ComponentScope.Optional
        : Enums.ComponentScope.Required,
    ...(group && { group }),
    ...(entry.integrity && { hashes: hashesOf(entry.integrity) }),
    ...(entry.resolved && { externalReferences: tarballAt(entry.resolved) }),
  })
}

function licensesOf(license: string) {
  if (SPDX.isSupportedSpdxId(license)) {
    return new Models.LicenseRepository([new Models.SpdxLicense(license)])
  }
  const isExpression = / (OR|AND|WITH) /.test(license)
  return new Models.LicenseRepository([
    isExpression ? new Models.LicenseExpression(license) : new Models.NamedLicense(license),
  ])
}

/** Converts npm's hash format to that of CycloneDX. */
function hashesOf(integrity: string) {
  const bytes = Buffer.from(integrity.replace(/^sha512-/, ''), 'base64')
  return new Models.HashDictionary([[Enums.HashAlgorithm['SHA-512'], bytes.toString('hex')]])
}

function tarballAt(url: string) {
  const { Distribution } = Enums.ExternalReferenceType
  return new Models.ExternalReferenceRepository([new Models.ExternalReference(url, Distribution)])
}
