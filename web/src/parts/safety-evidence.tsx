// What speaks for and against a molecule's safety, with where that comes from.
import type { Assessment } from '../types';
import { percent, plain } from '../words';
import { Structure } from './structure';

const said = (text: string): string => text.replaceAll('_', ' ');

export function SafetyEvidence({ assessment: a, smiles }: { assessment: Assessment; smiles: string }) {
  if (a.error) return <p class="problem">{a.error}</p>;
  return (
    <div class="evidence">
      <p class="verdict">
        <span class={`tone ${a.decision === 'accepted' ? 'good' : 'poor'}`}>{a.decision}</span>
        {a.score !== null && <span>score {percent(a.score)}</span>}
      </p>
      <h3>Findings</h3>
      {a.findings.length === 0 ? (
        <p class="hint">Nothing was found in the lists and alerts.</p>
      ) : (
        <ul class="findings">
          {a.findings.map((finding) => (
            <li>
              <Structure
                smiles={smiles}
                query={`width=150&height=100&highlight=${finding.atoms.join(',')}`}
                label={`The atoms that ${finding.name} is about`}
              />
              <div>
                <b>{finding.name}</b> <span class={`tone ${['high', 'forbidden', 'severe'].includes(finding.severity) ? 'poor' : 'fair'}`}>{finding.severity}</span>
                <p>{finding.reason}</p>
                <p class="fine">
                  {said(finding.category)}. {finding.source}
                </p>
              </div>
            </li>
          ))}
        </ul>
      )}
      <h3>Regions</h3>
      <table class="figures">
        <tbody>
          {Object.entries(a.regions).map(([region, { verdict, reasons }]) => (
            <tr>
              <th scope="row">{region}</th>
              <td>
                {verdict}
                {reasons.map((reason) => (
                  <p class="fine">{reason}</p>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {a.tox21 && (
        <>
          <h3>Twelve toxicity assays (predicted)</h3>
          <ul class="assays">
            {Object.entries(a.tox21).map(([assay, p]) => (
              <li style={{ '--share': p }}>
                <span>{assay}</span>
                <span class="bar" />
                <span>{percent(p)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      {a.similarity && (
        <p>
          Nearest food-safe flavouring: similarity {plain(a.similarity.food_safe_flavouring, 2)}; nearest known toxin:{' '}
          {plain(a.similarity.known_toxin, 2)}.
        </p>
      )}
      {a.environment && (
        <p>
          In nature: {a.environment.readily_biodegradable ? 'readily biodegradable' : `breaks down within ${a.environment.biodegradation_within}`},
          log bioconcentration {plain(a.environment.log_bcf, 2)}.
        </p>
      )}
    </div>
  );
}
