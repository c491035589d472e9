import type { Fact } from '../model/fact.ts'
import type { Detection, Evidence } from '../model/machine.ts'
import type { Verdict } from '../model/verdict.ts'
import type { BundleParts } from './bundle.ts'
import { machineRows, VERDICT } from './detect.ts'
import { html, Html, lines } from './html.ts'
import { STYLE } from './page-style.ts'
import { verdictsPart } from './page-verdicts.ts'

/** What goes onto the page. As in a bundle, everything has been redacted before. */
export type PageParts = Pick<BundleParts, 'log' | 'redaction' | 'at' | 'version'> & {
  detection: Detection
  results: readonly Verdict[] | null
}

/** The support bundle as one HTML page for a person: it loads nothing, runs nothing, and can be read without colour. */
export function pageOf({ detection, results, log, redaction, at, version }: PageParts): string {
  const name = detection.machine.product ?? detection.gpus[0]?.name ?? 'a machine'
  const when = `${at.slice(0, 16).replace('T', ' ')} UTC`
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>gb10 report: ${name}, ${when}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<header>
<h1>gb10 report: ${name}</h1>
<p>Made <time datetime="${at}">${when}</time> by gb10 ${version}. Nothing was sent anywhere.</p>
${redaction.redacted ? REPLACED : NOT_REPLACED}
</header>
<main>
${[
    machinePart(detection),
    ...(results === null ? [] : [verdictsPart(results)]),
    factsPart(detection.facts),
    ...(log === null ? [] : [logPart(log)]),
    redactionPart(redaction),
    REPLAY,
  ]}</main>
</body>
</html>
`.markup
}

const REPLACED = html`<p>Names, addresses, serial numbers and secrets were replaced by tokens: the same value has the same token
everywhere (host-1, ip-2). Look through it before you hand it on.</p>`
const NOT_REPLACED = html`<p class="loud">NOTHING ON THIS PAGE WAS REPLACED: names, addresses, serial numbers and secrets stand as
they are. Do not post it.</p>`

const machinePart = (detection: Detection): Html => html`<section>
<h2>Machine</h2>
<p>${VERDICT[detection.machine.dgxSpark]}</p>
<ul>
${detection.machine.evidence.map(evidenceItem)}</ul>
<table>
<tbody>
${machineRows(detection).map(([name = '', value = '']) => pair(name, html`${value}`))}</tbody>
</table>
</section>
`

const evidenceItem = ({ source, text }: Evidence): Html =>
  html`<li>${text} <span class="soft">(${source.replace(/(--query-gpu=)\S+/, '$1...')})</span></li>
`

const pair = (name: string, value: Html): Html => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>
`

/** Every fact that is known, folded away, and the others by name. */
function factsPart(facts: Record<string, Fact>): Html {
  const known = Object.entries(facts).filter(([, { status }]) => status === 'ok')
  const others = Object.entries(facts).flatMap(([id, { status }]) => (status === 'ok' ? [] : [`${id} (${status})`]))
  return html`<section>
<h2>Facts</h2>
<details class="facts">
<summary>Every fact that is known (${known.length})</summary>
<table>
<thead><tr><th scope="col">Fact</th><th scope="col">Value</th></tr></thead>
<tbody>
${known.map(([id, { value }]) => pair(id, html`${valueLines(value).map(line)}`))}</tbody>
</table>
</details>
${others.length === 0 ? '' : html`<p class="soft">Not known: ${others.join(', ')}.</p>`}
</section>
`
}

const line = (text: string, at: number): Html => html`${at === 0 ? '' : html`<br>`}${text}`

/** A list of records is a line for each, all else is one. */
const valueLines = (value: unknown): string[] =>
  Array.isArray(value) && value.some((one) => typeof one === 'object') ? value.map(valueText) : [valueText(value)]

function valueText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return value === null ? 'not known' : String(value)
  const named = ([key, one]: [string, unknown]): string => `${key}: ${valueText(one)}`
  const parts = Array.isArray(value) ? value.map(valueText) : Object.entries(value).map(named)
  return parts.join(', ') || 'none'
}

const logPart = (log: string): Html => html`<section>
<h2>Kernel log</h2>
<p>Lines of this boot about GPU, memory and heat.</p>
${log.trim() === '' ? html`<p>There were none.</p>` : html`<pre>${lines(log)}</pre>`}
</section>
`

const redactionPart = ({ rules, leftOut, redacted }: PageParts['redaction']): Html => html`<section>
<h2>What was replaced</h2>
${
  rules.length === 0
    ? html`<p>Nothing${redacted ? ' had to be' : ''}.</p>
`
    : html`<table>
<caption>How often each rule replaced something; the values are not kept</caption>
<thead><tr><th scope="col">Rule</th><th scope="col">Times</th></tr></thead>
<tbody>
${rules.map(({ rule, count }) => pair(rule, html`${count}`))}</tbody>
</table>
`
}${
  leftOut.length === 0
    ? ''
    : html`<p>Facts that differ from those of the machine itself, because of what was left out or replaced:
${leftOut.join(', ')}.</p>
`
}</section>
`

const REPLAY = html`<section>
<h2>How to replay it</h2>
<p>This page is for reading. The support bundle gives the same facts and verdicts on any other machine. Made on this one, read on
the other:</p>
<pre>gb10 report --output gb10-report.tar.gz
gb10 detect --host gb10-report.tar.gz
gb10 doctor --host gb10-report.tar.gz</pre>
</section>
`
