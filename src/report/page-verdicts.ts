import type { Verdict } from '../model/verdict.ts'
import { failuresOf, withStatus, wordOf } from './doctor-words.ts'
import { html, lines, type Html } from './html.ts'

/** The verdicts: how many of each, every failure with its cause and fix, then all checks as one table, the loudest first. */
export function verdictsPart(results: readonly Verdict[]): Html {
  const failures = failuresOf(results)
  const rest = (['unknown', 'blocked', 'waived', 'pass', 'skip'] as const).flatMap((status) => withStatus(results, status))
  const all = [...failures, ...rest]
  const counts = new Map<string, number>()
  for (const verdict of all) counts.set(wordOf(verdict), (counts.get(wordOf(verdict)) ?? 0) + 1)
  const totals = [...counts].map(([word, count]) => `${count} ${word}`).join(', ')
  return html`<section>
<h2>Verdicts</h2>
<p>${totals || 'Nothing was checked.'}</p>
${failures.map(finding)}
<table class="checks">
<caption>All checks</caption>
<thead><tr><th scope="col">Result</th><th scope="col">Check</th></tr></thead>
<tbody>
${all.map(row)}</tbody>
</table>
</section>
`
}

const word = (verdict: Verdict): Html => html`<b class="${wordOf(verdict).toLowerCase()}">${wordOf(verdict)}</b>`

/** A check is named by the problem it looks for; one that passed is better told by what it found to be so. */
function row(verdict: Verdict): Html {
  const { id, status, title, expected, actual, why, remedy } = verdict
  const detail = status === 'pass' ? '' : status === 'fail' ? (actual ?? why) : why
  const said = status === 'pass' ? (expected ?? `not found: ${title}`) : title
  const told = detail === '' ? '' : html`<br><span class="soft">${detail}</span>`
  const [command] = status === 'blocked' || status === 'unknown' ? remedy.commands : []
  const more = command === undefined ? told : html`${told}<br><code>${command}</code>`
  return html`<tr><th scope="row">${word(verdict)}</th><td>${said} <code>${id}</code>${more}</td></tr>
`
}

function finding(verdict: Verdict): Html {
  const { id, title, actual, expected, why, remedy, references } = verdict
  const item = (name: string, text: string | null): Html => (text === null || text === '' ? NONE : entry(name, html`${text}`))
  const risk = remedy.risk === 'none' || remedy.risk === 'low' ? '' : ` Risk: ${remedy.risk}.`
  const fix = `${remedy.text}${remedy.reboot ? ' Needs a restart.' : ''}${risk}`.trim()
  return html`<article class="${wordOf(verdict).toLowerCase()}">
<h3>${word(verdict)} ${title} <code>${id}</code></h3>
<dl>
${item('Found', actual)}${item('Expected', expected)}${item('Cause', why)}${item('Fix', fix)}${
    remedy.commands.length === 0 ? NONE : entry('Commands', html`<pre>${lines(remedy.commands.join('\n'))}</pre>`)
  }${remedy.recipe === null ? NONE : entry('With gb10', html`<pre>gb10 doctor --fix ${id}</pre>`)}${
    references.length === 0 ? NONE : entry('More', html`<ul>${references.map(({ url, claim }) => reference(url, claim))}</ul>`)
  }</dl>
</article>
`
}

const NONE = html``
const entry = (name: string, content: Html): Html => html`<dt>${name}</dt><dd>${content}</dd>
`

/** Only what surely leads to a page of the web can be followed. */
function reference(url: string, claim: string | null): Html {
  const link = /^https:\/\/[\w.-]+(?:[/?#]|$)/.test(url) ? html`<a href="${url}" rel="noreferrer">${url}</a>` : url
  return html`<li>${link}${claim === null ? '' : `: ${claim}`}</li>
`
}
